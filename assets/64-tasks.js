/* The page of one's tasks keeps itself up to date: the stream says that something is under way or changed, the page
   asks itself anew and puts in what is new. What somebody is writing stays. */
(function () {
  "use strict";
  const room = document.querySelector("[data-tasks]"), line = document.querySelector(".tasks__line");
  if (!room || !line) return;
  const AGAIN_MS = 20000, RETRY_MS = 30000, SILENT_MS = 45000, PATIENCE_MS = 8000;
  const STREAM = "/api/live?box=0,0,0.001,0.001"; /* where nobody is: no positions are told */
  let stream = null, told = null, asking = false, once_more = false, heardAt = Date.now();

  const clock = (at) => new Date(at).toTimeString().slice(0, 5);
  function show() {
    const lost = Date.now() - heardAt > SILENT_MS;
    const text = (lost ? line.dataset.lost : line.dataset.live).replace("{time}", clock(heardAt));
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("is-lost", lost);
  }
  /* An article that stays keeps what is written in it. */
  function renew(kept, fresh) {
    kept.className = fresh.className;
    fresh.querySelectorAll("[data-part]").forEach((part) => {
      const old = kept.querySelector(`[data-part="${part.dataset.part}"]`);
      if (old && !old.isEqualNode(part)) old.replaceWith(document.importNode(part, true));
    });
    return kept;
  }
  function put(page) {
    const fresh = page.querySelector("[data-tasks]"), past = page.querySelector("[data-past]");
    if (!fresh || !past) return;
    const known = new Map([...room.querySelectorAll("[data-task]")].map((one) => [one.dataset.task, one]));
    const next = [...fresh.children].map((one) => {
      const kept = known.get(one.dataset.task);
      if (kept) return renew(kept, one);
      const came = document.importNode(one, true);
      came.classList.toggle("is-new", Boolean(one.dataset.task));
      return came;
    });
    if (next.length !== room.children.length || next.some((one, i) => room.children[i] !== one)) room.replaceChildren(...next);
    const before = document.querySelector("[data-past]");
    if (!before.isEqualNode(past)) before.replaceWith(document.importNode(past, true));
  }
  async function look() {
    if (asking) { once_more = true; return; }
    asking = true;
    try {
      const answer = await fetch("/tasks", {cache: "no-store", headers: {"X-Idle": "1"}, signal: AbortSignal.timeout(PATIENCE_MS)});
      if (answer.status === 401 || answer.status === 403 || answer.redirected) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      put(new DOMParser().parseFromString(await answer.text(), "text/html"));
      heardAt = Date.now();
    } catch (error) {
      console.info("no answer about tasks", error.message);
    } finally {
      asking = false;
      show();
    }
    if (once_more) { once_more = false; look(); }
  }
  function open() {
    if (stream || document.hidden) return;
    stream = new EventSource(STREAM);
    stream.onmessage = ({data}) => {
      const {tasks} = JSON.parse(data);
      heardAt = Date.now();
      if (tasks !== told) look();
      told = tasks;
      show();
    };
    stream.onerror = () => { if (stream?.readyState === EventSource.CLOSED) { close(); setTimeout(open, RETRY_MS); } };
  }
  function close() {
    stream?.close();
    stream = null;
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else { look(); open(); } });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted) { look(); open(); } });
  setInterval(() => { if (!document.hidden) look(); }, AGAIN_MS);
  setInterval(show, 1000);
  show();
  open();
})();
