// Nobody there: ask once, in words, then end the visit. Any touch or key starts afresh.
// A page that only shows a result leaves earlier, and only while nobody acts.
(function () {
  "use strict";
  var body = document.body;
  var idle = Number(body.dataset.idle) * 1000;
  var grace = Number(body.dataset.grace);
  var leave = Number(body.dataset.leave || 0) * 1000;
  var dialog = document.getElementById("still-there");
  var seconds = dialog.querySelector("[data-seconds]");
  var end = document.getElementById("end");
  var touchedAt = performance.now();
  var toldAt = touchedAt;
  var left = grace;

  function touched() {
    touchedAt = performance.now();
    leave = 0;
    if (touchedAt - toldAt > 20000) {
      toldAt = touchedAt;
      var form = new FormData(end);
      fetch("/touch", { method: "POST", body: form }).catch(function () {});
    }
  }

  function stay() {
    dialog.close();
    left = grace;
    toldAt = 0;
    touched();
  }

  ["pointerdown", "keydown"].forEach(function (kind) {
    document.addEventListener(kind, touched, true);
  });
  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.addEventListener("cancel", stay);

  setInterval(function () {
    var silence = performance.now() - touchedAt;
    if (leave && silence >= leave) {
      end.submit();
    } else if (dialog.open) {
      left -= 1;
      seconds.textContent = Math.max(left, 0);
      if (left <= 0) {
        end.submit();
      }
    } else if (silence >= idle && body.dataset.rest === undefined) {
      seconds.textContent = left;
      dialog.showModal();
    }
  }, 1000);
})();
