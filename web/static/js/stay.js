/* Two minutes before a visit ends by itself the page says so, and one touch goes on. Shortly before
   the end it sends what was typed, so that the next sign-in finds it. Other tabs count as touches. */
(function () {
  "use strict";
  var dialog = document.querySelector("[data-stay]");
  if (!dialog || !dialog.showModal) return;
  var WARN_S = 120;
  var KEEP_S = 15;
  var SEEN = "timebank.seen";
  var timers = [];
  var life = Number(dialog.dataset.stay);

  function show(part) {
    ["soon", "last", "over"].forEach(function (name) {
      var block = dialog.querySelector("[data-stay-" + name + "]");
      block.hidden = name !== part;
      if (name === part) dialog.setAttribute("aria-labelledby", label(block));
    });
    if (!dialog.open) dialog.showModal();
  }

  function label(block) {
    var heading = block.querySelector("h2");
    heading.id = "stay-heading";
    dialog.querySelectorAll("h2").forEach(function (other) {
      if (other !== heading) other.removeAttribute("id");
    });
    return heading.id;
  }

  function count(seconds) {
    timers.forEach(clearTimeout);
    timers = [
      after(seconds - WARN_S, function () { show("soon"); }),
      after(seconds - KEEP_S, keep),
      after(seconds, function () { show("over"); })
    ];
  }

  /* The sign-in leads back to where the form is kept. */
  function keep() {
    var page = window.timebankKeep(dialog.dataset.page);
    var link = dialog.querySelector("[data-stay-over] a");
    if (page) link.search = "?next=" + encodeURIComponent(page);
  }

  function after(seconds, work) {
    return setTimeout(work, Math.max(0, seconds) * 1000);
  }

  dialog.querySelector("[data-stay-close]").addEventListener("click", function () { dialog.close(); });

  /* Escape is a touch too: whoever presses it is here. */
  dialog.addEventListener("cancel", function () {
    if (!dialog.querySelector("[data-stay-soon]").hidden) dialog.querySelector("[data-stay-go]").click();
  });

  dialog.querySelector("[data-stay-go]").addEventListener("click", function () {
    var body = new URLSearchParams({ csrf_token: dialog.dataset.token });
    dialog.close();
    fetch(dialog.dataset.go, { method: "POST", body: body, redirect: "error" })
      .then(function (answer) { return answer.json(); })
      .then(function (told) { go(told.seconds); })
      .catch(function () { show("over"); });
  });

  function go(seconds) {
    tell();
    count(seconds);
    if (seconds <= WARN_S) show("last");
  }

  function tell() {
    try { localStorage.setItem(SEEN, String(Date.now())); } catch (error) { /* Kept by nobody. */ }
  }

  window.addEventListener("storage", function (event) {
    if (event.key !== SEEN) return;
    if (dialog.open) dialog.close();
    count(life);
  });

  tell();
  count(life);
})();
