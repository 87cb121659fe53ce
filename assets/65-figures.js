/* Charts of plain documents: each is fetched when it comes near, a click opens the address of its point. */
(function () {
  "use strict";
  const rooms = document.querySelectorAll("[data-figure]");
  if (!rooms.length) return;

  const made = new Map();
  const em = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  function fail(room) {
    made.delete(room);
    room.classList.add("is-failed");
    room.textContent = room.dataset.failed;
  }
  async function draw(room) {
    const look = getComputedStyle(document.body);
    const figure = window.looks.scaled(made.get(room), null, em(), look);
    figure.layout.font.family = look.fontFamily;
    figure.layout.width = room.clientWidth;
    await window.Plotly.react(room, figure.data, figure.layout, {displayModeBar: false});
  }
  async function fetched(room) {
    try {
      const answer = await fetch(room.dataset.figure, {headers: {Accept: "application/json"}});
      if (!answer.ok) throw new Error(String(answer.status));
      made.set(room, await answer.json());
      await draw(room);
    } catch (error) {
      console.warn("figure", room.dataset.figure, error);
      return fail(room);
    }
    room.on("plotly_click", (click) => {
      const to = click.points[0]?.customdata;
      if (typeof to === "string" && /^\/(?!\/)/.test(to)) window.location.assign(to);
    });
    room.classList.add("is-drawn");
  }
  if (!window.Plotly || !window.looks) { rooms.forEach(fail); return; }
  const near = new IntersectionObserver((seen) => seen.filter((one) => one.isIntersecting).forEach((one) => {
    near.unobserve(one.target);
    fetched(one.target);
  }), {rootMargin: "400px"});
  rooms.forEach((room) => near.observe(room));
  window.addEventListener("beforeprint", () => rooms.forEach((room) => made.has(room) || fetched(room)));
  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => made.forEach((_, room) => draw(room)), 200);
  });
})();
