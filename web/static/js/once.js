/* A form is sent once: a second tap on a slow line waits for the first answer. The server
   would answer both alike; this only spares the doubt. */
(function () {
  "use strict";
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });

  /* After a refusal the reader is led to what it says. */
  var summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
