/* A wall display: stop after stop with a countdown, no pointer, full screen. Nothing is navigated within the
   wall; another page is a document of its own. */
(function () {
  "use strict";
  const shell = window.shell;
  const STILL_MS = 3000;
  const STEP_MS = 250;
  const ring = () => document.querySelector(".kiosk");
  const page = () => document.querySelector(".page--kiosk");
  shell.isKiosk = () => Boolean(page());

  let at = 0, left = 0, held = false, beat = 0;
  const stops = () => [...document.querySelectorAll("[data-kiosk-stops] > li")];

  /* ---- one stop after the other ---- */
  function go(next) {
    const stop = stops()[next];
    if (!stop) return;
    if (stop.dataset.page) { shell.leave(stop.dataset.page + kept()); return; }
    at = next;
    if (stop.dataset.area) shell.select("area", stop.dataset.area);
    else shell.acts.home();
  }
  const kept = () => {
    const asked = new URLSearchParams(location.search), query = new URLSearchParams();
    ["kiosk", "every", "tour", "lang", "theme", "seat", "topic"].forEach((name) => { if (asked.get(name)) query.set(name, asked.get(name)); });
    return "?" + query;
  };
  function show() {
    const button = ring();
    if (!button) return;
    const every = Number(button.dataset.every) * 1000, all = stops();
    const next = all[(at + 1) % all.length];
    button.style.setProperty("--part", String(1 - left / every));
    const seconds = String(Math.ceil(left / 1000));
    const [count, name] = button.children;
    if (count.textContent !== seconds) count.textContent = seconds;
    const text = held ? button.dataset.held : button.dataset.next.replace("{name}", next.textContent);
    if (name.textContent !== text) name.textContent = text;
    button.setAttribute("aria-pressed", String(held));
  }
  function tick() {
    const button = ring(), now = performance.now();
    if (!button || !shell.state.view) { beat = now; return; }
    const every = Number(button.dataset.every) * 1000;
    if (!beat || !left) left = left || every;
    if (!held && !shell.isCast?.() && !shell.emergency?.on() && beat) left -= Math.min(now - beat, 2000); /* a sleeping machine does not skip stops */
    beat = now;
    if (left <= 0) { left = every; go((at + 1) % stops().length); }
    show();
  }
  shell.acts.kiosk = () => { held = !held; show(); };

  /* ---- the pointer hides when the hand rests; the first touch fills the screen ---- */
  let moved = performance.now();
  const still = () => document.documentElement.classList.toggle("is-still", shell.isKiosk() && performance.now() - moved > STILL_MS);
  ["pointermove", "pointerdown", "keydown"].forEach((name) => window.addEventListener(name, () => { moved = performance.now(); still(); }, {passive: true}));
  window.addEventListener("pointerdown", () => {
    if (shell.isKiosk() && !document.fullscreenElement) document.documentElement.requestFullscreen?.().catch((error) => console.info("no full screen", error.message));
  });
  setInterval(() => { tick(); still(); }, STEP_MS);
})();
