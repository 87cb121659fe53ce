/* Charts of plain documents: drawn from the JSON beside them; a click opens the address of its point. */
(function () {
  "use strict";
  const rooms = document.querySelectorAll("[data-figure]");
  if (!rooms.length) return;

  const em = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  function draw(room) {
    const look = getComputedStyle(document.body);
    const figure = window.looks.scaled(JSON.parse(room.dataset.figure), null, em(), look);
    figure.layout.font.family = look.fontFamily;
    figure.layout.width = room.clientWidth;
    return window.Plotly.react(room, figure.data, figure.layout, {displayModeBar: false}).then(() => {
      if (room.dataset.drawn) return;
      room.dataset.drawn = "1";
      room.on("plotly_click", (click) => {
        const to = click.points[0]?.customdata;
        if (typeof to === "string" && /^\/(?!\/)/.test(to)) window.location.assign(to);
      });
    });
  }
  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => rooms.forEach(draw), 200);
  });
  if (!window.Plotly || !window.looks) {
    rooms.forEach((room) => { room.classList.add("is-failed"); room.textContent = room.dataset.failed; });
    return;
  }
  rooms.forEach((room) => draw(room));
})();
