/* Clusters of cases: shapes by how rarely chance makes them, their p beside; a scan that runs is looked at again. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state} = room;
  const AGAIN_MS = 1500;
  let looks = 0, waiting = 0;

  const colourOf = (json, p) => (json.classes.find(([most]) => p <= most) || json.classes[json.classes.length - 1])[1];
  const fill = (words, scan) => words
    .replace("{share}", String(Math.round(100 * (scan.share || 0)))).replace("{fault}", scan.fault || "")
    .replace("{n}", String(scan.n ?? 0)).replace("{total}", Number(scan.total ?? 0).toLocaleString("en"));

  room.note = (key, text) => {
    state.notes ??= {};
    if (state.notes[key] === text) return;
    state.notes[key] = text;
    room.emit("note", key);
  };
  /* Each look has an address of its own: answers of an address are kept. Hidden, it rests. */
  const again = (json) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (!room.isShown("clusters")) return;
      (room.looks ??= {})[json.data["@@geojson"]] = looks += 1;
      room.schedule();
    }, AGAIN_MS);
  };
  room.on("content", ({key, content}) => {
    const json = [].concat(state.specs.clusters?.layer || [])[0];
    if (key !== "clusters" || !json || !content.scan) return;
    const {scan} = content;
    const word = scan.state === "done" && !scan.n ? "none" : scan.state;
    room.note("clusters", fill(json.words[word] || "", scan));
    if (["waiting", "running", "failed"].includes(scan.state)) again(json);
  });

  room.adapters.clusters = ({type, props, content, json, slot}) => {
    if (!content.features?.length) return null;
    const colour = (feature) => colourOf(json, feature.properties.p);
    const size = json.size * room.scale();
    const shapes = room.make(type, {
      ...props, id: slot, data: content, filled: true, stroked: true, parameters: room.ALWAYS,
      getFillColor: (feature) => [...colour(feature).slice(0, 3), 46], getLineColor: colour,
      lineWidthUnits: "pixels", getLineWidth: json.lineWidth * room.scale(), updateTriggers: {getLineWidth: room.scale()},
    });
    const names = props.visible && room.make("TextLayer", {
      id: slot + "-names", data: content.features, pickable: false, billboard: true, parameters: room.ALWAYS,
      getText: ({properties}) => properties.label, getPosition: ({properties}) => [properties.lon, properties.lat, room.heightOf(properties.code)],
      getColor: json.text, getSize: size, getPixelOffset: [0, -1.4 * size], fontFamily: props.fontFamily, fontWeight: 700,
      fontSettings: {sdf: true, fontSize: 32, buffer: 4, radius: 8}, outlineWidth: 3, outlineColor: json.outline,
      updateTriggers: {getPosition: room.areasStamp(), getSize: size, getPixelOffset: size},
    });
    return [shapes, names];
  };
})();
