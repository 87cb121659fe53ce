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
    savable(room);
  }
  // A chart as a file, on white paper: SVG as it is, PNG twice as large.
  function savable(room) {
    const acts = room.parentElement.querySelector(".figure__save");
    if (!acts || !acts.hidden) return;
    acts.hidden = false;
    acts.querySelectorAll("button").forEach((button) => button.addEventListener("click", async () => {
      const [format, [width, height]] = [button.dataset.format, [room.clientWidth, room.clientHeight]];
      const paper = {...room.layout, paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff",
                     font: {...room.layout.font, color: "#111111"}};
      try {
        await window.Plotly.downloadImage({data: room.data, layout: paper},
                                          {format, width, height, scale: 2, filename: acts.dataset.name});
      } catch (error) {
        console.warn("figure", room.dataset.figure, error);
        button.textContent = acts.dataset.failed;
      }
    }));
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
