/* Sheets over the map: what is drawn on one follows the camera, and costs no picture of the map, which takes a screen
   without a GPU half a second. */
(function () {
  "use strict";
  const room = window.mapRoom;

  /* A sheet of its own. ``draw(pen, project)`` draws in pixels of the page and says whether it drew anything; ``project``
     turns longitude and latitude into them. What is given back asks for the next frame. */
  room.sheet = (name, draw) => {
    let sheet = null, isComing = false, isBlank = true;
    const soon = () => {
      if (isComing || !sheet) return;
      isComing = true;
      requestAnimationFrame(() => { isComing = false; paint(); });
    };
    function paint() {
      const width = sheet.clientWidth, height = sheet.clientHeight, sharp = room.software ? 1 : window.devicePixelRatio || 1;
      const size = [Math.round(width * sharp), Math.round(height * sharp)];
      if (sheet.width !== size[0] || sheet.height !== size[1]) [sheet.width, sheet.height] = size;
      const pen = sheet.getContext("2d", {willReadFrequently: room.software});
      if (!isBlank) pen.clearRect(0, 0, ...size);
      pen.setTransform(sharp, 0, 0, sharp, 0, 0);
      let viewport = null;
      const project = (place) => (viewport ??= new window.deck.WebMercatorViewport({...room.state.camera, width, height})).project(place);
      isBlank = !(width && draw(pen, project));
      pen.setTransform(1, 0, 0, 1, 0, 0);
    }
    room.on("start", (root) => {
      sheet = root.appendChild(Object.assign(document.createElement("canvas"), {className: "map-sheet map-sheet--" + name}));
      sheet.setAttribute("aria-hidden", "true");
    });
    room.on("camera", soon);
    room.on("drawn", soon);
    return soon;
  };
})();
