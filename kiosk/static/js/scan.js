// A scanner in keyboard mode: fast keystrokes that end in Enter. People type slower than this
// and are left alone; whatever a scan leaked into a field is taken out again.
(function () {
  "use strict";
  var FAST_MS = 60; // Scanners send a key every few milliseconds.
  var SHORTEST = 6;
  var LONGEST = 40;
  var form = document.getElementById("scan");
  var read = "";
  var lastAt = 0;
  var field = null;
  var fieldBefore = "";

  function begin(target) {
    read = "";
    field = target && target.tagName === "INPUT" ? target : null;
    fieldBefore = field ? field.value : "";
  }

  function finish(event) {
    event.preventDefault();
    event.stopPropagation();
    if (field) {
      field.value = fieldBefore;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.elements.code.value = read;
    read = "";
    form.submit();
  }

  document.addEventListener(
    "keydown",
    function (event) {
      var now = event.timeStamp;
      var fast = now - lastAt <= FAST_MS;
      lastAt = now;
      if (event.key === "Enter") {
        if (fast && read.length >= SHORTEST) {
          finish(event);
        }
        return;
      }
      if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      if (!fast) {
        begin(event.target);
      }
      if (read.length < LONGEST) {
        read += event.key;
      }
    },
    true
  );
})();
