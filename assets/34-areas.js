/* Areas, buildings, labels and raster tiles. Area shapes are fetched once; a measure sends only
   a style per code: [red, green, blue, alpha, height in metres]. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state, adapters} = room;
  const LENGTHS = [6, 9, 12, 15];

  let stamp = 0, last = null, styles = {};
  room.areasStamp = () => stamp + "|" + room.relief().toFixed(2);
  const restyle = (json) => { if (json.styles !== last) { last = json.styles; styles = last || {}; stamp += 1; } };

  /* Metres of the highest column: so many pixels at this zoom that statistics can be compared and still
     leave the ground in sight. Zoom counts in half steps, so that a turn of the wheel rebuilds little.
     Where buildings stand, statistics lie flat: two kinds of height in one place would mean nothing. */
  const METRES_PER_PIXEL = 78271.517;
  room.relief = () => {
    if (state.rise < 0.01) return 0;
    const zoom = Math.round(state.camera.zoom * 2) / 2;
    if (room.isShown("buildings") && zoom >= 14) return 0;
    const latitude = (state.home ? (state.home[1] + state.home[3]) / 2 : 30) * Math.PI / 180;
    const most = 0.13 * (document.getElementById("map-canvas")?.clientHeight || 720);
    const pixels = Math.min(most, Math.max(30, 36 + 12 * (zoom - 11)));
    return state.rise * pixels * METRES_PER_PIXEL * Math.cos(latitude) / Math.pow(2, zoom);
  };
  const pixelsUp = (pixels) => state.rise * pixels * METRES_PER_PIXEL * 0.86 / Math.pow(2, Math.round(state.camera.zoom * 2) / 2);
  room.heightOf = (code) => {
    if (!code || !room.isShown("areas")) return 0;
    for (const length of LENGTHS) {
      const style = styles[code.slice(0, length)];
      if (style) return style[4] / 1000 * room.relief();
    }
    return 0;
  };
  /* Height above ground of row i of officers or resources: on top of their area, and a little above. */
  room.lift = ({columns, meta}) => (i) => {
    if (state.rise < 0.02) return 0;
    const code = meta.areas ? meta.areas[columns.area[i]] : "";
    return room.heightOf(code) + pixelsUp(14);
  };
  /* What a click on an area means: one level below where the page stands. */
  room.drillCode = (code) => {
    const at = state.area && code.startsWith(state.area) ? state.area.length : 6;
    if (!/^\d+$/.test(code)) return at < 9 ? code.slice(0, 9) : code;  // a grid beside the partition: street, then itself
    const next = LENGTHS.find((length) => length > at) ?? 15;
    return code.slice(0, Math.min(next, code.length));
  };

  const BARE = [42, 48, 56, 150];
  const MATERIAL = {ambient: 0.42, diffuse: 0.5, shininess: 6, specularColor: [24, 30, 36]};
  adapters.areas = ({type, props, content, json, slot}) => {
    restyle(json);
    const style = (feature) => styles[feature.properties.code];
    const relief = room.relief(), up = relief > 0;
    const chosen = state.selection?.kind === "area" ? state.selection.code : null;
    const hovered = state.hover?.kind === "area" ? state.hover.code : null;
    const under = room.isShown("heat") || (room.isShown("buildings") && state.camera.zoom >= 14) ? 0.45 : 1;
    const within = (feature) => state.area ? feature.properties.code.startsWith(state.area) : true;
    const fill = (feature) => {
      const [r, g, b, a] = style(feature) || BARE;
      return [r, g, b, a * under * (within(feature) ? 1 : 0.35)];
    };
    const height = (feature) => style(feature)?.[4] || 0;
    const base = room.make(type, {
      ...props, id: slot, data: content, filled: true, stroked: false, extruded: up, wireframe: false,
      getFillColor: fill, getElevation: height, elevationScale: Math.max(1e-4, relief / 1000), material: MATERIAL,
      updateTriggers: {getFillColor: [stamp, state.area, under], getElevation: [stamp]},
    });
    const marks = [["hover", hovered, [232, 238, 247, 150], 1.5], ["chosen", chosen, [88, 184, 255, 255], 2.5]].map(([name, code, colour, width]) => {
      const features = code ? (content.features || []).filter((feature) => feature.properties.code.startsWith(code)) : [];
      if (!features.length || features.length === content.features.length) return null;
      return room.make("GeoJsonLayer", {
        id: slot + "-" + name, data: features, visible: props.visible, filled: true, getFillColor: [...colour.slice(0, 3), 30], stroked: !up && features.length < 60,
        extruded: up, getElevation: (feature) => height(feature) + 12, elevationScale: Math.max(1e-4, relief / 1000),
        getLineColor: colour, getLineWidth: width, lineWidthUnits: "pixels", parameters: up ? {} : room.ALWAYS,
        material: MATERIAL, updateTriggers: {getElevation: [stamp]},
      });
    });
    return [base, !up && borders(slot + "-edges", props, content, json), ...marks];
  };

  /* Borders as single segments, each drawn once and as heavy as the highest level it parts:
     a fifth of the cost of an outline around every area. */
  let weighted = false; /* neighbours share their corners, so the segments know their level */
  const borders = (id, {visible}, content, json) => {
    const data = room.once(id, content, 0, () => segments(content.features, json.lineWidths));
    return room.make("LineLayer", {id, data, visible, pickable: false, getColor: json.lineColour, widthUnits: "pixels", parameters: room.ALWAYS});
  };
  const segments = (features, widths) => {
    const found = new Map();
    let shared = 0;
    const ring = (points, code) => {
      for (let i = 1; i < points.length; i++) {
        const a = points[i - 1], b = points[i];
        const turned = a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
        const key = turned ? a + "," + b : b + "," + a;
        const other = found.get(key);
        if (other) { shared += 1; other.width = Math.max(other.width, parted(other.code, code, widths)); }
        else found.set(key, {a, b, code, width: widths[code.length] || 0.7});
      }
    };
    for (const {geometry, properties: {code}} of features) {
      const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      polygons.forEach((rings) => rings.forEach((points) => ring(points, code)));
    }
    const lines = [...found.values()], n = lines.length;
    weighted = features.length < 2 || shared > n * 0.4;
    const from = new Float64Array(n * 3), to = new Float64Array(n * 3), width = new Float32Array(n);
    lines.forEach(({a, b, width: w}, i) => { from.set(a, i * 3); to.set(b, i * 3); width[i] = w; });
    return {length: n, attributes: {getSourcePosition: {value: from, size: 3}, getTargetPosition: {value: to, size: 3}, getWidth: {value: width, size: 1}}};
  };
  const parted = (one, other, widths) => {
    for (const length of LENGTHS) if (one.slice(0, length) !== other.slice(0, length)) return widths[length] || 0.7;
    return 0.7;
  };

  /* Borders of a level above, where the shapes of the levels do not share their corners. */
  adapters.borders = ({props, content, json, slot}) => {
    if (room.relief() > 0 || weighted) return null;
    const layer = borders(slot, props, content, json);
    weighted = false;
    return layer;
  };

  adapters.buildings = ({type, props, content, slot}) => {
    const up = state.rise > 0.01;
    const chosen = state.selection?.kind === "building" ? state.selection.code : null;
    return room.make(type, {
      ...props, id: slot, data: content, filled: true, stroked: !up, extruded: up,
      getElevation: (feature) => feature.properties.height, elevationScale: Math.max(0.001, state.rise),
      getFillColor: (feature) => feature.properties.id === chosen ? [88, 184, 255, 255] : props.fillColour,
      getLineColor: props.outlineColour, getLineWidth: 0.6, lineWidthUnits: "pixels",
      material: MATERIAL,
      updateTriggers: {getFillColor: chosen},
    });
  };

  adapters.ground = ({type, props, content, json, slot}) => {
    const edge = (feature) => json.edges[feature.properties.kind] || [0, 0, 0, 0];
    const fill = room.make(type, {
      ...props, id: slot, data: content, filled: !room.backdrop(), stroked: !room.software, lineWidthUnits: "pixels", getLineWidth: 1,
      getFillColor: (feature) => json.fills[feature.properties.kind] || [0, 0, 0, 0], getLineColor: edge, parameters: room.ALWAYS,
    });
    return [fill, room.software && plainLines(slot + "-edges", props, content, edge, () => 1)];
  };

  adapters.roads = ({type, props, content, json, slot}) => {
    const colour = (feature) => json.colours[feature.properties.class] || json.colours.lane;
    const width = (feature) => (json.widths[feature.properties.class] || 0.6) * roadScale();
    if (room.software && !props.pickable) return plainLines(slot, props, content, colour, width);
    return room.make(type, {
      ...props, id: slot, data: content, stroked: true, filled: false, lineWidthUnits: "pixels", lineCapRounded: true, lineJointRounded: false,
      getLineColor: colour, getLineWidth: width, updateTriggers: {getLineWidth: roadScale()},
    });
  };

  /* Without a GPU: segments without joints, by the shader that traces use anyway. The shader of paths
     takes longer to make than everything else of the base map takes to draw. */
  const plainLines = (id, {visible}, content, colour, width) => {
    const data = room.once(id, content, roadScale(), () => stretched(content.features, colour, width));
    return room.make("LineLayer", {id, data, visible, pickable: false, widthUnits: "pixels", parameters: room.ALWAYS});
  };
  const strings = ({type, coordinates}) => type === "LineString" ? [coordinates]
    : type === "Polygon" || type === "MultiLineString" ? coordinates : type === "MultiPolygon" ? coordinates.flat() : [];
  const stretched = (features, colour, width) => {
    const parts = features.flatMap((feature) => strings(feature.geometry).map((points) => ({feature, points})));
    const n = parts.reduce((sum, {points}) => sum + Math.max(0, points.length - 1), 0);
    const from = new Float64Array(n * 3), to = new Float64Array(n * 3), widths = new Float32Array(n), colours = new Uint8Array(n * 4);
    let at = 0;
    for (const {feature, points} of parts) {
      const [w, [r, g, b, a = 255]] = [width(feature), colour(feature)];
      for (let i = 1; i < points.length; i++, at++) {
        from.set(points[i - 1].slice(0, 2), at * 3);
        to.set(points[i].slice(0, 2), at * 3);
        widths[at] = w;
        colours.set([r, g, b, a], at * 4);
      }
    }
    return {length: n, attributes: {getSourcePosition: {value: from, size: 3}, getTargetPosition: {value: to, size: 3},
      getWidth: {value: widths, size: 1}, getColor: {value: colours, size: 4, normalized: true}}};
  };
  const roadScale = () => Math.max(0.7, Math.min(4, Math.pow(2, Math.floor((state.camera.zoom - 13) * 2) / 4)));

  /* ---- labels: by zoom, the important first, none over another ---- */
  adapters.labels = ({type, props, content, json, slot}) => {
    const zoom = state.camera.zoom;
    const level = json.levels.find(([, from, to]) => zoom >= from && zoom < to)?.[0];
    const step = Math.floor(zoom * 4), size = json.size * room.scale();
    const data = room.once(slot, content, [step, level, size, state.area, room.state.rested && room.box().join()].join("|"),
      (rows) => clear(rows.filter((row) => row.level === level), size));
    return room.make(type, {
      ...props, id: slot, data, characterSet: letters(data), getText: (row) => row.name, getSize: size,
      getPosition: (row) => [row.lon, row.lat, room.heightOf(row.code) + pixelsUp(8)], fontSettings: {sdf: true, fontSize: 32, buffer: 4, radius: 8},
      outlineWidth: 3, billboard: true, parameters: room.ALWAYS, updateTriggers: {getPosition: room.areasStamp()},
    });
  };
  let lettersOf = null, alphabet = [];
  const letters = (rows) => {
    if (lettersOf !== rows) { lettersOf = rows; alphabet = [...new Set(rows.map((row) => row.name).join(""))]; }
    return alphabet;
  };
  const clear = (rows, size) => {
    const root = document.getElementById("map-canvas");
    const viewport = new window.deck.WebMercatorViewport({...state.camera, width: root.clientWidth, height: root.clientHeight});
    const taken = [];
    return rows.filter((row) => {
      const [x, y] = viewport.project([row.lon, row.lat]);
      const half = row.name.length * size / 2 + 4;
      if (x < -half || y < -size || x > viewport.width + half || y > viewport.height + size) return false;
      if (taken.some((one) => Math.abs(one.y - y) < size * 1.3 && Math.abs(one.x - x) < one.half + half)) return false;
      taken.push({x, y, half});
      return true;
    });
  };

  /* Whether pictures lie below everything else: the ground then leaves them to be seen. */
  room.backdrop = () => room.isShown("raster") && Boolean(state.specs.raster?.layer?.length);
  adapters.raster = ({type, props, json, slot}) => props.visible && room.make(type, { /* a hidden one asks for no tile */
    ...props, id: slot, data: json.data[0].url, tileSize: 256, refinementStrategy: "best-available",
    getTileData: async ({url, signal}) => {
      const answer = await fetch(url, {signal});
      if (!answer.ok) throw new Error(`tile ${answer.status}`);
      if (answer.status === 204) return null; /* the source has no picture there */
      return createImageBitmap(await answer.blob());
    },
    renderSubLayers: (sub) => {
      const {boundingBox: [[west, south], [east, north]]} = sub.tile;
      return sub.data && room.make("BitmapLayer", {...sub, data: null, image: sub.data, bounds: [west, south, east, north]});
    },
    onTileError: (error) => room.fail("raster", error.message),
  });
})();
