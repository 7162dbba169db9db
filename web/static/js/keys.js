/* The keyboard at the staff's desk: j and k move, a letter presses the button that carries it,
   ? shows the list, where the keys can also be switched off. */
(function () {
  "use strict";
  var desk = document.querySelector("[data-keys]");
  var help = document.querySelector("[data-keys-help]");
  if (!desk || !help) return;
  var SWITCH = "timebank.keys";
  var MOVED = "timebank.moved";
  var toggle = help.querySelector("[data-keys-switch]");
  toggle.checked = read() !== "off";
  toggle.addEventListener("change", function () { write(toggle.checked ? "on" : "off"); });

  /* A case is another page: whoever came from the list or by a button of the case stands in the
     list again, at the case that is open now; on a phone, where the list is away, in the case. */
  desk.addEventListener("click", function (event) {
    if (event.target.closest(".queue-item a, .case button")) keep("yes");
  });
  var queue = desk.querySelector(".queue");
  var row = desk.querySelector("#here");
  if (row && row.getBoundingClientRect().bottom > window.innerHeight) {
    queue.scrollTop = row.offsetTop - queue.clientHeight / 3;
  }
  if (kept()) {
    var isAway = !row || queue.offsetWidth < 2;
    (isAway ? desk.querySelector(".case") : row).focus({ preventScroll: true });
  }

  document.querySelectorAll("[data-keys-show]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { help.showModal(); });
  });

  /* A closed dialog must not keep the focus, or the next key would be typed into it. */
  help.addEventListener("close", function () {
    if (help.contains(document.activeElement)) document.activeElement.blur();
  });

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog") || read() === "off") return;
    if (event.key === "?") help.showModal();
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else press(event.key);
  });

  function move(step) {
    var links = Array.from(desk.querySelectorAll(".queue-item a"));
    var here = links.findIndex(function (link) { return link.hasAttribute("aria-current"); });
    var next = links[here < 0 ? 0 : here + step] || turned(step);
    if (next) next.click();
  }

  /* Past the last case, or before the first one, the page is turned. */
  function turned(step) {
    return desk.querySelector('.queue a[rel="' + (step > 0 ? "next" : "prev") + '"]');
  }

  function press(key) {
    var button = /^[a-z]$/.test(key) && desk.querySelector('[data-key="' + key + '"]');
    if (button && !button.disabled) button.click();
  }

  function keep(value) {
    try { sessionStorage.setItem(MOVED, value); } catch (refused) { /* Then the focus starts at the top. */ }
  }

  function kept() {
    try {
      var value = sessionStorage.getItem(MOVED);
      sessionStorage.removeItem(MOVED);
      return value;
    } catch (refused) { return null; }
  }

  function read() {
    try { return localStorage.getItem(SWITCH); } catch (refused) { return null; }
  }

  function write(value) {
    try { localStorage.setItem(SWITCH, value); } catch (refused) { /* Then it lasts for this page. */ }
  }
})();
