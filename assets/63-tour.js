/* A plain page on a wall display: it goes on to the next page of the tour, asks itself anew, and turns to the wall
   when a view is cast to it. Nothing is left before the server has answered for what comes next. */
(function () {
  "use strict";
  const note = document.querySelector(".tour");
  if (!note) return;
  const KEY = "cast-home"; /* where the wall goes back to, see 47-casts.js */
  const TICK_MS = 250, ASK_MS = 3000, PATIENCE_MS = 5000;
  const data = note.dataset, every = Number(data.every) * 1000, again = Number(data.again) * 1000;
  const [count, name] = note.querySelectorAll("span");
  const kept = () => {
    const asked = new URLSearchParams(location.search), query = new URLSearchParams();
    ["kiosk", "every", "tour", "lang", "theme", "seat", "topic"].forEach((key) => { if (asked.get(key)) query.set(key, asked.get(key)); });
    return query.size ? "?" + query : "";
  };
  let left = every, waits = again, held = false, leaving = false, since = 0, beat = performance.now();
  sessionStorage.removeItem(KEY);

  async function ask(address) {
    try {
      return await fetch(address, {cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS)});
    } catch (error) {
      console.info("no answer from", address, error.message);
      return null;
    }
  }
  async function leave(address) {
    if (leaving) return;
    leaving = true;
    const answer = await ask(address);
    heard(answer);
    if (answer?.ok) { location.replace(address); return; }
    leaving = false;
  }
  function heard(answer) {
    if (answer?.ok) since = 0;
    else if (answer?.status === 401) since = Infinity;
    else since ||= Date.now();
  }
  function show() {
    const text = since === Infinity ? data.ended
      : since ? data.away.replace("{time}", new Date(since).toTimeString().slice(0, 5))
      : held ? data.held : every ? data.next.replace("{name}", data.name) : "";
    if (name.textContent !== text) name.textContent = text;
    count.textContent = every ? String(Math.max(0, Math.ceil(left / 1000))) : "";
    note.style.setProperty("--part", String(every ? 1 - left / every : 0));
    note.classList.toggle("is-away", Boolean(since));
    note.setAttribute("aria-pressed", String(held));
    note.hidden = !text;
  }
  setInterval(() => {
    const now = performance.now(), gone = Math.min(now - beat, 2000); /* a sleeping machine does not skip stops */
    beat = now;
    if (every && !held) left -= gone;
    if (again) waits -= gone;
    if (every && left <= 0) { left = every; leave(data.page + kept()); }
    else if (again && waits <= 0) { waits = again; leave(location.pathname + location.search); }
    show();
  }, TICK_MS);
  note.addEventListener("click", () => { held = !held; show(); });

  async function look() {
    const answer = await ask("/api/delta");
    heard(answer);
    const cast = answer?.ok ? (await answer.json()).cast : null;
    if (cast && Date.parse(cast.until) > Date.now()) {
      sessionStorage.setItem(KEY, "page:" + location.pathname + location.search);
      await leave("/" + kept());
    }
  }
  const rest = () => { setTimeout(() => look().finally(rest), ASK_MS); };
  look().finally(rest);
})();
