/* Every write carries the token of the page; who is no longer signed in is asked to sign in again. */
(function () {
  "use strict";
  const token = document.querySelector('meta[name="csrf-token"]')?.content || "";
  const plainFetch = window.fetch;
  /* What a page asks by itself keeps nobody signed in. */
  const IDLE_MS = 60000;
  let touched = performance.now(), leaving = false;
  ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"].forEach((name) =>
    window.addEventListener(name, () => { touched = performance.now(); }, {capture: true, passive: true}));
  const signIn = () => {
    if (leaving) return;
    leaving = true;
    const here = location.pathname + location.search;
    location.replace("/sign-in?next=" + encodeURIComponent(here));
  };
  window.fetch = async (input, options = {}) => {
    const ours = new URL(input?.url || input, location.href).origin === location.origin;
    if (!ours) return plainFetch(input, options);
    const method = String(options.method || input?.method || "GET").toUpperCase();
    const headers = new Headers(options.headers || input?.headers || {});
    if (method !== "GET" && method !== "HEAD") headers.set("X-CSRF-Token", token);
    if (performance.now() - touched > IDLE_MS) headers.set("X-Idle", "1");
    const answer = await plainFetch(input, {...options, headers});
    if (answer.status === 401 && !document.querySelector(".page--kiosk")) signIn(); /* a display says so itself */
    return answer;
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-act='sign-out']");
    if (!button) return;
    button.disabled = true;
    try {
      await window.fetch("/sign-out", {method: "POST"});
    } finally {
      location.replace("/sign-in?lang=" + (document.querySelector(".page")?.lang === "en" ? "en" : "zh"));
    }
  });
  /* A page that the browser kept is not shown again to who has left meanwhile. */
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
