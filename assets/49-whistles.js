/* Whistles: marks and cards are asked for anew when the stream says that one changed, and when the time of one is
   over, for only the server decides who is late; marks also when the clock moves. */
(function () {
  "use strict";
  const shell = window.shell;
  if (!shell) return;
  const PAUSE_MS = 800;
  let asked = 0, askedAt = -Infinity, due = false, told = 0, shown = null, wasAway = false;
  const put = (store, data) => window.dash_clientside.set_props(store, {data});
  const ask = () => {
    due = performance.now() - askedAt < PAUSE_MS;
    if (due) return;
    askedAt = performance.now();
    put("shell-whistled", ++asked);
  };
  setInterval(() => { if (due) ask(); }, PAUSE_MS);
  const dues = () => [
    ...[...document.querySelectorAll("#wall-side [data-due]")].map((one) => one.dataset.due),
    ...[].concat(window.mapRoom?.state.specs.whistles?.layer || []).flatMap((one) => one.data || []).map((one) => one.due),
  ].map(Date.parse);

  shell.live.heard.push((found) => {
    const now = Date.parse(found.now), over = dues().some((at) => at > told && at <= now);
    told = now;
    if (!over && !found.reset && !found.kinds?.includes("whistle")) return;
    ask();
    if (["case", "place", "area"].includes(shell.state.selection?.kind)) put("shell-acted", "whistle" + now + asked);
  });
  shell.heard.push((seen, first) => {
    const away = Boolean(shell.clock?.away()), at = away ? shell.clock.told : null;
    if (!first && (at !== shown || away !== wasAway)) ask();
    shown = at;
    wasAway = away;
  });
})();
