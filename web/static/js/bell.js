/* Somebody at a kiosk asks for staff: the open worklist shows it, and rings where the browser
   lets it. Browsers play nothing before the first touch of a page: then a button says so. */
(function () {
  "use strict";
  var EVERY_MS = 8000;
  var title = document.title;
  var sound = null;

  document.querySelectorAll("[data-bell]").forEach(function (bell) {
    var text = bell.querySelector("[data-bell-text]");
    var button = bell.querySelector("[data-bell-sound]");
    button.addEventListener("click", function () { unlock(ring); });

    function show(told) {
      bell.hidden = !told.count;
      if (told.count && text.textContent !== told.text) text.textContent = told.text;
      document.title = told.count ? "(" + told.count + ") " + title : title;
      if (told.rings) ring();
    }

    function ring() {
      button.hidden = beep();
    }

    function ask() {
      fetch(bell.dataset.bell, { headers: { Accept: "application/json" } })
        .then(function (answer) { return answer.ok && !answer.redirected ? answer.json() : null; })
        .then(function (told) { if (told) show(told); })
        .catch(function () { /* The next question may be answered. */ });
    }

    document.addEventListener("pointerdown", function () { unlock(null); }, { once: true });
    ask();
    setInterval(ask, EVERY_MS);
  });

  function unlock(after) {
    var Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) return;
    sound = sound || new Context();
    sound.resume().then(after || function () {});
  }

  /* Two tones, as a door bell. False where the browser does not play yet. */
  function beep() {
    if (!sound || sound.state !== "running") return false;
    [[880, 0], [660, 0.35]].forEach(function (tone) {
      var voice = sound.createOscillator();
      var volume = sound.createGain();
      var from = sound.currentTime + tone[1];
      voice.frequency.value = tone[0];
      volume.gain.setValueAtTime(0.25, from);
      volume.gain.exponentialRampToValueAtTime(0.001, from + 0.6);
      voice.connect(volume).connect(sound.destination);
      voice.start(from);
      voice.stop(from + 0.65);
    });
    return true;
  }
})();
