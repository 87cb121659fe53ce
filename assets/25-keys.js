/* Keyboard and search. Keys act only where nothing is being typed; Tab always moves on. */
(function () {
  "use strict";
  const shell = window.shell, {state} = shell;
  const box = () => document.getElementById("wall-search");
  const typing = (target) => target.matches?.("input, textarea, select, [contenteditable]");
  let kind = "all", waiting = 0;

  const camera = (change) => {
    const room = window.mapRoom;
    if (!room?.state) return;
    const c = room.state.camera;
    room.setCamera({lon: c.longitude, lat: c.latitude, zoom: c.zoom, pitch: c.pitch, bearing: c.bearing, ...change(c)}, 200);
  };
  const pan = (dx, dy) => camera((c) => {
    const step = 60 * 360 / (512 * 2 ** c.zoom), turn = -c.bearing * Math.PI / 180;
    return {lon: c.longitude + step * (dx * Math.cos(turn) + dy * Math.sin(turn)),
      lat: c.latitude + step * (dy * Math.cos(turn) - dx * Math.sin(turn)) * Math.cos(c.latitude * Math.PI / 180)};
  });
  const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
  const own = (target) => target.closest?.("[role=radio], [role=checkbox], summary, .chart__scroll, .table, .card, .search__panel");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return escape(event);
    if (typing(event.target)) return;
    const arrow = ARROWS[event.key];
    if (arrow && !own(event.target)) {
      const room = window.mapRoom;
      if (room?.keyboard) return; /* the map moves itself */
      if (event.shiftKey) camera((c) => ({bearing: c.bearing + arrow[0] * 10, pitch: Math.max(0, Math.min(70, c.pitch + arrow[1] * 8))}));
      else pan(...arrow);
      event.preventDefault();
    } else if (event.key === "+" || event.key === "=") shell.acts["zoom-in"]();
    else if (event.key === "-") shell.acts["zoom-out"]();
    else if (event.key === "/") { box().focus(); box().select(); event.preventDefault(); }
    else if (event.key === "f" || event.key === "F") shell.acts.fullscreen();
    else if (event.key === "?") { const help = document.querySelector("[data-pop=keys]").parentElement; help.open = !help.open; help.firstChild.focus(); }
  });
  function escape(event) {
    if (document.querySelector("details.pop[open]")) return shell.closeAll();
    if (document.querySelector(".publish:not([hidden])")) return shell.acts.publish();
    if (typing(event.target)) { event.target.blur(); return; }
    const panel = document.querySelector("[data-table-panel]");
    if (panel && !panel.hidden) return shell.acts.table(document.querySelector('[data-act="table"]'));
    shell.up();
  }

  /* ---- search: newest wins, because the store holds one question ---- */
  const ask = () => {
    const text = (box()?.value || "").trim();
    window.dash_clientside.set_props("shell-query", {data: text ? {text: text.slice(0, 80), kind} : null});
  };
  document.addEventListener("input", (event) => {
    if (event.target !== box()) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 180);
  });
  document.addEventListener("click", (event) => {
    const chip = event.target.closest?.("[data-search-kind]");
    if (!chip) return;
    kind = chip.dataset.searchKind;
    document.querySelectorAll("[data-search-kind]").forEach((other) => other.setAttribute("aria-pressed", other === chip));
    box().focus();
    ask();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== box() || event.key !== "Enter") return;
    document.querySelector("#wall-results [data-select]")?.click();
  });
  shell.search = {ask, state};
})();
