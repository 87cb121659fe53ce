/* Scale bar, compass and the keys of the map; the buttons of the page call mapRoom themselves. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state} = room;
  const SVG = "http://www.w3.org/2000/svg";
  const NORTH = {zh: "指北", en: "North up"};
  room.keyboard = true; /* arrows are ours, the page leaves them alone */

  const nudge = (change, ms = 180) => {
    const at = state.goal || state.camera;
    room.setCamera({lon: at.longitude + (change.x || 0), lat: at.latitude + (change.y || 0), zoom: at.zoom + (change.zoom || 0),
      pitch: at.pitch + (change.pitch || 0), bearing: at.bearing + (change.bearing || 0)}, ms);
  };
  room.zoom = (step) => nudge({zoom: step}, 250);

  let scale = null, compass = null, needle = null;
  const face = () => {
    needle = document.createElementNS(SVG, "svg");
    needle.setAttribute("viewBox", "-12 -12 24 24");
    needle.setAttribute("aria-hidden", "true");
    for (const [points, name] of [["0,-10 4,0 -4,0", "north"], ["0,10 4,0 -4,0", "south"]]) {
      const part = document.createElementNS(SVG, "polygon");
      part.setAttribute("points", points);
      part.setAttribute("class", "map-compass__" + name);
      needle.append(part);
    }
    return needle;
  };
  room.on("start", (root) => {
    compass = Object.assign(document.createElement("button"), {type: "button", className: "map-compass"});
    compass.append(face());
    compass.addEventListener("click", () => room.setCamera({bearing: 0}, 300));
    scale = Object.assign(document.createElement("div"), {className: "map-scale"});
    scale.append(document.createElement("span"));
    /* beside the canvas, not in it: the canvas is one application for a screen reader */
    (root.parentElement || root).append(compass, scale);
    show(state.camera);
  });

  /* One stop of Tab for the map: the frame, which shows that it has the keys. */
  room.on("ready", () => document.getElementById("map-deck")?.setAttribute("tabindex", "-1"));

  /* The longest of 1, 2, 5 × 10ⁿ metres that fits 120 px at the middle of the picture. */
  const show = ({latitude, zoom, bearing}) => {
    if (!scale) return;
    const metres = 40075016.686 * Math.cos(latitude * Math.PI / 180) / 512 / Math.pow(2, zoom);
    const most = metres * 120, power = Math.pow(10, Math.floor(Math.log10(most)));
    const length = [5, 2, 1].find((one) => one * power <= most) * power;
    scale.firstChild.textContent = length >= 1000 ? length / 1000 + " km" : length + " m";
    scale.style.width = Math.round(length / metres) + "px";
    needle.style.transform = `rotate(${-bearing}deg)`;
    compass.title = NORTH[state.lang];
    compass.setAttribute("aria-label", NORTH[state.lang]);
  };
  room.on("camera", show);

  const busy = (target) => target?.closest?.(
    "input, textarea, select, summary, [contenteditable], [role=slider], [role=radio], [role=checkbox], [role=switch], .chart__scroll, .table, .card, .search__panel");
  document.addEventListener("keydown", (event) => {
    if (!state.deck || busy(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 140 * 360 / 512 / Math.pow(2, state.camera.zoom);
    const turn = state.camera.bearing * Math.PI / 180;
    const pan = (right, up) => nudge({x: (right * Math.cos(turn) + up * Math.sin(turn)) * step,
      y: (up * Math.cos(turn) - right * Math.sin(turn)) * step});
    const arrows = event.shiftKey
      ? {ArrowLeft: () => nudge({bearing: -15}), ArrowRight: () => nudge({bearing: 15}),
        ArrowUp: () => nudge({pitch: -10}), ArrowDown: () => nudge({pitch: 10})}
      : {ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, 1), ArrowDown: () => pan(0, -1)};
    if (!arrows[event.key]) return;
    event.preventDefault();
    arrows[event.key]();
  });
})();
