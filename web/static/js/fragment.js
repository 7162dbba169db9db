/* The QR code of a slip carries the code behind the # of the address, which no browser sends. It
   is written into the form, and taken out of the address at once. */
(function () {
  "use strict";
  var field = document.querySelector("input[data-fragment]");
  if (!field || location.hash.length < 2) return;
  if (!field.value) field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
})();
