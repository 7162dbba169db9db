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
  var TELL_MS = 5000; // The agent learns of a touch at most so late: it ends a visit by itself too.
  var touchedAt = performance.now();
  var telling = null;
  var left = grace;

  function touched() {
    touchedAt = performance.now();
    leave = 0;
    telling = telling || setTimeout(tell, TELL_MS);
  }

  function tell() {
    clearTimeout(telling);
    telling = null;
    return send("/touch", {});
  }

  function send(address, more) {
    var form = new FormData(end);
    Object.keys(more).forEach(function (name) { form.set(name, more[name]); });
    return fetch(address, { method: "POST", body: form, redirect: "manual" })
      .catch(function () {});
  }

  function stay() {
    dialog.close();
    left = grace;
    touched();
    tell();
  }

  function slowly() {
    idle = Number(body.dataset.more) * 1000;
    stay();
    send("/prefs", { more_time: "1" });
  }

  ["pointerdown", "keydown"].forEach(function (kind) {
    document.addEventListener(kind, touched, true);
  });
  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.addEventListener("cancel", stay);
  var more = dialog.querySelector("[data-slowly]");
  if (more) {
    more.addEventListener("click", slowly);
  }

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
