/* A long list to pick from shortens while somebody types what they look for; a row in which a
   number stands stays. Without scripts the button beside the field does the same. */
(function () {
  "use strict";
  var field = document.querySelector("[data-find]");
  if (!field) return;
  var none = document.querySelector("[data-find-none]");
  field.addEventListener("input", shorten);
  shorten();

  function shorten() {
    var text = field.value.trim().toLowerCase();
    var left = 0;
    document.querySelectorAll("[data-find-group]").forEach(function (group) {
      var shown = 0;
      group.querySelectorAll("[data-name]").forEach(function (row) {
        var fits = row.dataset.name.toLowerCase().includes(text) || isTyped(row);
        row.hidden = !fits;
        if (fits) shown += 1;
      });
      group.hidden = !shown;
      left += shown;
    });
    none.hidden = left > 0;
  }

  /* A count of 0 is an answer; a 0 in a list to pick from is the number that stood there. */
  function isTyped(row) {
    var typed = row.querySelector("input").value.trim();
    return "count" in row.dataset ? typed !== "" : Number(typed);
  }
})();
