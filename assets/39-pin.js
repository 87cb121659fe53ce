/* Where the selected case, person, building or resource stands: a mark over the map, whichever layers are on. */
(function () {
  "use strict";
  const room = window.mapRoom, {state} = room;
  let mark = null, place = null;

  const project = () => {
    const viewport = state.deck?.isInitialized && state.deck.getViewports()[0];
    return viewport ? viewport.project([place.lon, place.lat, room.heightOf?.(place.grid) || 0]) : null;
  };
  function draw() {
    if (!mark) return;
    const at = place && project();
    mark.hidden = !at;
    if (at) mark.style.transform = `translate(${Math.round(at[0])}px, ${Math.round(at[1])}px)`;
  }
  /* Under a panel nobody sees it: the camera moves there, and keeps its height. */
  function reach() {
    const root = document.getElementById("map-canvas"), at = project();
    if (!at || !root) return;
    const {clientWidth: width, clientHeight: height} = root, pad = room.padding(width, height);
    const free = at[0] > pad.left && at[0] < width - pad.right && at[1] > pad.top && at[1] < height - pad.bottom;
    if (!free) room.setCamera({lon: place.lon, lat: place.lat}, 500);
  }
  const show = (found) => {
    place = found || null;
    draw();
    if (place) reach();
  };
  room.on("start", (root) => {
    mark = Object.assign(document.createElement("div"), {className: "map-pin", hidden: true});
    mark.append(document.createElement("i"));
    (root.parentElement || root).append(mark);
  });
  for (const change of ["camera", "drawn"]) room.on(change, draw);
  window.dash_clientside = Object.assign({}, window.dash_clientside, {pin: {show}});
})();
