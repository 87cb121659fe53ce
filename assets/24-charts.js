/* Figures come in pixels of the reference wall and with the names of the tokens for colours;
   here they get the unit and the theme of this screen. */
(function () {
  "use strict";
  const shell = window.shell;
  shell.unit = () => Math.min(window.innerWidth * 0.008333, window.innerHeight * 0.014815);
  function fit(graph, figure, unit) {
    if (!figure) return window.dash_clientside.no_update;
    const look = getComputedStyle(document.querySelector(".page"));
    const made = window.looks.scaled(figure, null, (unit || shell.unit()) / 16, look);
    made.layout.font.family = look.fontFamily;
    const room = document.querySelector("#" + CSS.escape(graph))?.closest(".chart__scroll");
    if (room?.clientWidth) made.layout.width = room.clientWidth;
    return made;
  }
  const hang = (drawn, graph) => drawn ? graph : window.dash_clientside.no_update;
  const code = (click) => click?.points?.[0]?.customdata ?? null;
  function pick(click) { if (code(click)) shell.toggleCode("categories", String(code(click)), true); return null; }
  function drill(click) { if (code(click)) shell.select("area", String(code(click))); return null; }

  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => window.dash_clientside.set_props("shell-unit", {data: shell.unit()}), 200);
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {charts: {hang, pick, drill,
    fit_categories: (figure, unit) => fit("wall-categories-graph", figure, unit), fit_streets: (figure, unit) => fit("wall-streets-graph", figure, unit)}});
})();
