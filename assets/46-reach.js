/* How far one comes by road from the point that a card is open for; and any point of the map as such a card. */
(function () {
  "use strict";
  const room = window.mapRoom, shell = window.shell;
  const {state} = room;
  const STILL_PX = 6; /* a hand that turns the map with the right button moves more */

  /* The card says where its forces are counted from. */
  const read = () => {
    const said = document.querySelector("#wall-side [data-reach]")?.dataset.reach || "";
    const point = said ? said.split(",").map(Number) : null;
    if (JSON.stringify(point) === JSON.stringify(state.point ?? null)) return;
    state.point = point;
    room.schedule();
  };
  let reading = 0;
  const later = () => { reading ||= requestAnimationFrame(() => { reading = 0; read(); }); };
  new MutationObserver((changes) => {
    if (changes.some(({target}) => target.closest?.("#wall-side") || target.querySelector?.("#wall-side"))) later();
  }).observe(document.documentElement, {childList: true, subtree: true, attributes: true, attributeFilter: ["data-reach"]});

  /* ---- any point: a right click, or the tool and then a click; by the keyboard the middle of the picture ---- */
  const choose = ([lon, lat]) => room.choose({kind: "place", code: lon.toFixed(6) + "," + lat.toFixed(6)});
  let placing = false;
  const place = (on) => {
    placing = on;
    document.getElementById("map-canvas")?.classList.toggle("is-placing", on);
    document.querySelector('[data-act="place"]')?.setAttribute("aria-pressed", String(on));
  };
  shell.acts.place = () => place(!placing);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && placing) place(false);
    const tool = event.target.closest?.('[data-act="place"]');
    if (!tool || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    choose([state.camera.longitude, state.camera.latitude]);
  });
  const picked = room.picked;
  room.picked = (info) => {
    if (!placing || !info?.coordinate) { picked(info); return; }
    place(false);
    choose(info.coordinate);
  };
  room.on("start", (root) => {
    let down = null;
    root.addEventListener("contextmenu", (event) => event.preventDefault());
    root.addEventListener("pointerdown", (event) => { down = event.button === 2 ? [event.clientX, event.clientY] : null; });
    root.addEventListener("pointerup", (event) => {
      const from = down;
      down = null;
      if (event.button !== 2 || !from || Math.hypot(event.clientX - from[0], event.clientY - from[1]) > STILL_PX) return;
      const box = root.getBoundingClientRect();
      const at = state.deck.getViewports()[0]?.unproject([event.clientX - box.left, event.clientY - box.top]);
      if (at) choose(at);
    });
  });
})();
