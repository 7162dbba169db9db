/* A switch of language or size takes along what was typed. Without this script the switch belongs
   to the main form of the page; here it takes the form that was changed last. */
(function () {
  "use strict";
  var changed = null;

  function note(event) {
    var form = event.target.form;
    if (form && form.method === "post" && !event.target.closest("dialog")) changed = form;
  }
  document.addEventListener("input", note);
  document.addEventListener("change", note);

  document.addEventListener("click", function (event) {
    var control = event.target.closest("[data-switch], [name='switch-to']");
    if (!control || !changed || control.form === changed) return;
    event.preventDefault();
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = "switch-to";
    field.value = control.dataset.switch || control.value;
    changed.append(field);
    changed.action = control.formAction || location.href;
    changed.submit();
  });

  /* Called shortly before a visit ends: what was typed is kept for the next one, at the address
     that takes it. Returns that address. */
  window.timebankKeep = function (page) {
    var form = changed || document.getElementById("typed");
    if (!form || !page) return page;
    page = (form.getAttribute("action") || page).replace(location.origin, "");
    var fields = new FormData(form);
    form.querySelectorAll("input[type=file]").forEach(function (one) { fields.delete(one.name); });
    fields.append("switch-to", "keep");
    fetch(page, { method: "POST", body: new URLSearchParams(fields) }).catch(function () { });
    return page;
  };
})();
