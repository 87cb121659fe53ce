/* Alerts: asked for anew when the stream says so, when the clock moves, and twice a minute, for shelves end;
   their ages grow in the browser. */
(function () {
  "use strict";
  const shell = window.shell;
  if (!shell) return;
  const CHECK_MS = 30000, PAUSE_MS = 800;
  let asked = 0, due = false, shown = null, wasAway = false;

  const ask = () => {
    if (performance.now() - asked < PAUSE_MS) { due = true; return; }
    due = false;
    asked = performance.now();
    window.dash_clientside.set_props("shell-alerted", {data: asked});
  };
  setInterval(() => { if (due) ask(); }, PAUSE_MS);
  const writing = () => document.activeElement?.closest?.("#wall-side .acts");

  shell.live.heard.push((found) => {
    const news = found.reset || found.kinds?.includes("alerts");
    if (news || performance.now() - asked > CHECK_MS) ask();
    if (news && ["alert", "alerts"].includes(shell.state.selection?.kind) && !writing()) {
      window.dash_clientside.set_props("shell-acted", {data: "alert" + performance.now()}); /* its card as well */
    }
    grow(new Date(found.now).getTime());
  });
  shell.heard.push((seen, first) => {
    const away = Boolean(shell.clock?.away()), at = away ? shell.clock.told : null;
    if (!first && (at !== shown || away !== wasAway)) ask();
    shown = at;
    wasAway = away;
  });
  /* as dashboard/components/alerts.py writes it */
  const age = (ms) => {
    const minutes = Math.floor(Math.max(0, ms) / 60000), two = (n) => String(n).padStart(2, "0");
    return minutes < 6000 ? two(Math.floor(minutes / 60)) + ":" + two(minutes % 60) : Math.floor(minutes / 1440) + " d";
  };
  const grow = (now) => document.querySelectorAll("#wall-alerts [data-age], #wall-side [data-age]").forEach((element) => {
    const text = age(now - new Date(element.dataset.age).getTime());
    if (element.textContent !== text) element.textContent = text;
  });
})();
