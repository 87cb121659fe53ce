/* What went wrong while nobody looked: a server that was away, a new release, a lost graphics context, a
   display that was revoked. Nothing is opened anew before the server has answered for it. */
(function () {
  "use strict";
  const shell = window.shell;
  const PERIOD_MS = 60000, KIOSK_MS = 10000, PATIENCE_MS = 5000;
  const MOST = 3, WITHIN_MS = 600000; /* a context that is lost again and again is not brought back by opening */
  let release = null, away = false, leaving = false;

  const words = (name) => document.querySelector(".page")?.dataset[name] || "";
  const answered = async (address) => {
    try {
      return await fetch(address, {cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS)});
    } catch (error) {
      console.info("no answer from", address, error.message);
      return null;
    }
  };
  /* Another document, or this one again, once it is sure to come. */
  shell.leave = async (address = location.href) => {
    if (leaving) return;
    leaving = true;
    const answer = await answered(address);
    if (answer?.ok) {
      if (address === location.href) location.reload(); else location.assign(address);
      return;
    }
    leaving = false;
    away = true;
  };

  async function look() {
    const answer = await answered("/api/release");
    if (!answer || answer.status >= 500) { away = true; return; }
    if (answer.status === 401) { ended(); return; }
    if (!answer.ok) return;
    const found = (await answer.json()).release;
    release ??= found;
    const back = away;
    away = false;
    if (!shell.isKiosk()) { if (found !== release) tell(words("releaseNew"), words("releaseOpen")); return; }
    if (found !== release || back || lost) await shell.leave();
  }
  const ended = () => {
    const note = document.querySelector("[data-kiosk-ended]");
    if (note) note.hidden = false;
  };

  /* A line at the foot with, at most, one button: never a question over the map. */
  const tell = (text, action) => {
    let note = document.getElementById("recovery-note");
    if (!note) {
      note = Object.assign(document.createElement("div"), {id: "recovery-note", className: "recovery"});
      note.setAttribute("role", "status");
      document.querySelector(".page")?.append(note);
    }
    const parts = [Object.assign(document.createElement("span"), {textContent: text})];
    if (action) {
      const button = Object.assign(document.createElement("button"), {className: "btn", type: "button", textContent: action});
      button.dataset.act = "open-anew";
      parts.push(button);
    }
    note.replaceChildren(...parts);
  };
  shell.acts["open-anew"] = () => shell.leave();

  /* ---- the graphics context: the address holds the view, so that opening it anew brings the picture back ---- */
  let lost = false;
  const KEY = "gl-lost-at";
  document.addEventListener("webglcontextlost", (event) => {
    if (!event.target.closest?.("#map-canvas")) return;
    event.preventDefault();
    lost = true;
    const times = JSON.parse(sessionStorage.getItem(KEY) || "[]").filter((at) => Date.now() - at < WITHIN_MS);
    if (times.length >= MOST) { tell(words("glGivenUp")); return; }
    sessionStorage.setItem(KEY, JSON.stringify([...times, Date.now()]));
    tell(words("glLost"));
    shell.leave();
  }, true);

  document.addEventListener("visibilitychange", () => { if (!document.hidden && release) look(); }); /* somebody is back */
  const rest = () => { setTimeout(() => look().finally(rest), shell.isKiosk() ? KIOSK_MS : PERIOD_MS); };
  shell.heard.push((seen, first) => { if (first) look().finally(rest); });
})();
