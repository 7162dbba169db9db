/* A scanner that types: fast strokes ending in Enter go to the field marked data-scan. */
(function () {
  "use strict";
  var FASTEST_HAND_MS = 50; /* People leave 80 ms and more between two strokes. */
  var SHORTEST = 4;
  var typed = "";
  var last = 0;

  function field() {
    return document.querySelector("[data-scan]");
  }

  document.addEventListener("keydown", function (event) {
    var target = field();
    if (!target || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    var now = event.timeStamp;
    var isFast = now - last < FASTEST_HAND_MS;
    last = now;
    if (event.key === "Enter") {
      if (isFast && typed.length >= SHORTEST) {
        event.preventDefault();
        send(target, typed);
      }
      typed = "";
    } else if (event.key.length === 1) {
      typed = isFast ? typed + event.key : event.key;
    }
  }, true);

  function send(target, text) {
    restore(document.activeElement, target, text);
    target.value = text;
    target.dispatchEvent(new Event("change", { bubbles: true }));
    if (target.form && !target.hasAttribute("data-scan-stay")) target.form.requestSubmit();
  }

  /* A scan while the cursor stood in another field has typed into it: take it out again. */
  function restore(active, target, text) {
    if (!active || active === target || typeof active.value !== "string") return;
    if (active.value.endsWith(text)) active.value = active.value.slice(0, -text.length);
  }
})();
