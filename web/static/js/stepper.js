/* The − and + beside a number: shown where scripts run, and kept within its bounds. */
(function () {
  "use strict";
  function bound(input, name, otherwise) {
    return input[name] === "" ? otherwise : Number(input[name]);
  }

  function refresh(box) {
    var input = box.querySelector("input");
    var count = (Number(input.value) || 0);
    box.querySelector('[data-step="-1"]').disabled = count <= bound(input, "min", 0);
    box.querySelector('[data-step="1"]').disabled = count >= bound(input, "max", Infinity);
  }

  document.querySelectorAll("[data-stepper]").forEach(function (box) {
    var input = box.querySelector("input");
    box.querySelectorAll("[data-step]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var next = (Number(input.value) || 0) + Number(button.dataset.step);
        input.value = Math.min(bound(input, "max", Infinity), Math.max(bound(input, "min", 0), next));
        input.dispatchEvent(new Event("change", { bubbles: true }));
        refresh(box);
      });
    });
    input.addEventListener("input", function () { refresh(box); });
    refresh(box);
  });
})();
