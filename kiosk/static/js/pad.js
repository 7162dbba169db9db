// Digit pads and steppers: they write into plain fields, which is all that the agent reads.
(function () {
  "use strict";

  function grouped(text, pattern) {
    if (!pattern) {
      return text;
    }
    var parts = [];
    pattern.split(" ").forEach(function (size) {
      parts.push(text.slice(0, Number(size)));
      text = text.slice(Number(size));
    });
    parts.push(text);
    return parts.filter(Boolean).join(" ");
  }

  document.querySelectorAll("[data-pad]").forEach(function (pad) {
    var field = pad.querySelector(".pad-field");
    var most = Number(field.maxLength);
    field.maxLength = most * 2; // Room for the gaps that make it readable.

    function bare() {
      return field.value.replace(/\s/g, "").slice(0, most);
    }

    function write(text) {
      field.value = grouped(text.slice(0, most), field.dataset.pattern);
    }

    pad.addEventListener("click", function (event) {
      var key = event.target.closest("button");
      if (!key) {
        return;
      }
      if (key.dataset.key !== undefined) {
        write(bare() + key.dataset.key);
      } else if (key.dataset.wipe !== undefined) {
        write(bare().slice(0, -1));
      }
    });
    field.addEventListener("input", function () {
      write(bare());
    });
    pad.addEventListener("submit", function () {
      field.value = bare();
    });
  });

  document.querySelectorAll("[data-stepper]").forEach(function (form) {
    var field = form.elements.pieces;
    var most = Number(form.dataset.most);

    form.addEventListener("click", function (event) {
      var key = event.target.closest("button[type=button]");
      if (!key) {
        return;
      }
      var now = Number(field.value) || 0;
      var next = key.dataset.set ? Number(key.dataset.set) : now + Number(key.dataset.step);
      field.value = Math.min(Math.max(next, 1), most);
    });
  });
})();
