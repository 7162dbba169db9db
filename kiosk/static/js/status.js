// The line's state and the clock, asked again every few seconds in the visit's language.
(function () {
  "use strict";
  var box = document.querySelector("[data-status]");
  var text = document.querySelector("[data-status-text]");
  var clock = document.querySelector("[data-status-clock]");

  function draw(told) {
    if (text.textContent !== told.text) {
      text.textContent = told.text;
    }
    box.classList.toggle("is-down", !told.up);
    clock.textContent = told.clock;
  }

  function ask() {
    fetch("/status", { headers: { Accept: "application/json" } })
      .then(function (answer) {
        return answer.ok ? answer.json() : null;
      })
      .then(function (told) {
        if (told) {
          draw(told);
        }
      })
      .catch(function () {});
  }

  setInterval(ask, 4000);
})();
