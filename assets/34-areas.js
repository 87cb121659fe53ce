/* Areas, buildings, labels and raster tiles. Area shapes are fetched once; a measure sends only
   a style per code: [red, green, blue, alpha, height in metres]. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state, adapters} = room;
  const LENGTHS = [6, 9, 12, 15];

  let stamp = 0, last = null, styles = {};
  room.areasStamp = () => stamp;
  const restyle = (json) => { if (json.styles !== last) { last = json.styles; styles = last || {}; stamp += 1; } };
  room.heightOf = (code) => {
    if (!code || !room.isShown("areas")) return 0;
    for (const length of LENGTHS) {
      const style = styles[code.slice(0, length)];
      if (style) return style[4] * state.rise;
    }
    return 0;
  };
  /* Height above ground of row i of officers or resources: on top of their area, and a little above. */
  room.lift = ({columns, meta}) => (i) => {
    if (state.rise < 0.02) return 0;
    const code = meta.areas ? meta.areas[columns.area[i]] : "";
    return room.heightOf(code) + 90 * state.rise;
  };
  /* What a click on an area means: one level below where the page stands. */
  room.drillCode = (code) => {
    const at = state.area && code.startsWith(state.area) ? state.area.length : 6;
    const next = LENGTHS.find((length) => length > at) ?? 15;
    return code.slice(0, Math.min(next, code.length));
  };

  const BARE = [42, 48, 56, 150];
  adapters.areas = ({type, props, content, json, slot}) => {
    restyle(json);
    const style = (feature) => styles[feature.properties.code];
    const up = state.rise > 0.01;
    const chosen = state.selection?.kind === "area" ? state.selection.code : null;
    const hovered = state.hover?.kind === "area" ? state.hover.code : null;
    const within = (feature) => state.area ? feature.properties.code.startsWith(state.area) : true;
    const fill = (feature) => {
      const [r, g, b, a] = style(feature) || BARE;
      return [r, g, b, within(feature) ? a : a * 0.35];
    };
    const base = room.make(type, {
      ...props, id: slot, data: content, filled: true, stroked: !up, extruded: up, wireframe: false,
      getFillColor: fill, getElevation: (feature) => (style(feature)?.[4] || 0), elevationScale: Math.max(0.001, state.rise),
      getLineColor: json.lineColour, getLineWidth: (feature) => json.lineWidths[feature.properties.code.length] || 0.8,
      lineWidthUnits: "pixels", material: {ambient: 0.62, diffuse: 0.5, shininess: 8, specularColor: [40, 50, 60]},
      updateTriggers: {getFillColor: [stamp, state.area], getElevation: [stamp]},
    });
    const marks = [["hover", hovered, [232, 238, 247, 130], 1.5], ["chosen", chosen, [88, 184, 255, 255], 2.5]].map(([name, code, colour, width]) => {
      const features = code ? (content.features || []).filter((feature) => feature.properties.code.startsWith(code)) : [];
      if (!features.length || features.length === content.features.length) return null;
      return room.make("GeoJsonLayer", {
        id: slot + "-" + name, data: features, filled: true, getFillColor: [...colour.slice(0, 3), 34], stroked: true,
        extruded: up, getElevation: (feature) => (style(feature)?.[4] || 0) + 4, elevationScale: Math.max(0.001, state.rise),
        wireframe: up, getLineColor: colour, getLineWidth: width, lineWidthUnits: "pixels", parameters: up ? {} : room.ALWAYS,
        updateTriggers: {getElevation: [stamp]},
      });
    });
    return [base, ...marks];
  };

  /* Borders of the levels above, drawn over the ground; flat in 3D too. */
  adapters.borders = ({type, props, content, json, slot}) => room.make(type, {
    ...props, id: slot, data: content, filled: false, stroked: true, lineWidthUnits: "pixels",
    getLineColor: json.lineColour, getLineWidth: (feature) => json.lineWidths[feature.properties.code.length] || 1,
    parameters: room.ALWAYS, opacity: 1 - 0.65 * state.rise,
  });

  adapters.buildings = ({type, props, content, slot}) => {
    const up = state.rise > 0.01;
    const chosen = state.selection?.kind === "building" ? state.selection.code : null;
    return room.make(type, {
      ...props, id: slot, data: content, filled: true, stroked: !up, extruded: up,
      getElevation: (feature) => feature.properties.height, elevationScale: Math.max(0.001, state.rise),
      getFillColor: (feature) => feature.properties.id === chosen ? [88, 184, 255, 255] : props.fillColour,
      getLineColor: props.outlineColour, getLineWidth: 0.6, lineWidthUnits: "pixels",
      material: {ambient: 0.55, diffuse: 0.6, shininess: 12, specularColor: [60, 70, 80]},
      updateTriggers: {getFillColor: chosen},
    });
  };

  adapters.ground = ({type, props, content, json, slot}) => room.make(type, {
    ...props, id: slot, data: content, filled: true, stroked: true, lineWidthUnits: "pixels", getLineWidth: 1,
    getFillColor: (feature) => json.fills[feature.properties.kind] || [0, 0, 0, 0],
    getLineColor: (feature) => json.edges[feature.properties.kind] || [0, 0, 0, 0], parameters: room.ALWAYS,
  });

  adapters.roads = ({type, props, content, json, slot}) => room.make(type, {
    ...props, id: slot, data: content, stroked: true, filled: false, lineWidthUnits: "pixels", lineCapRounded: true, lineJointRounded: false,
    getLineColor: (feature) => json.colours[feature.properties.class] || json.colours.lane,
    getLineWidth: (feature) => (json.widths[feature.properties.class] || 0.6) * roadScale(),
    updateTriggers: {getLineWidth: roadScale()},
  });
  const roadScale = () => Math.max(0.7, Math.min(4, Math.pow(2, Math.floor((state.camera.zoom - 13) * 2) / 4)));

  /* ---- labels: by zoom, the important first, none over another ---- */
  adapters.labels = ({type, props, content, json, slot}) => {
    const zoom = state.camera.zoom;
    const level = json.levels.find(([, from, to]) => zoom >= from && zoom < to)?.[0];
    const step = Math.floor(zoom * 4);
    const data = room.once(slot, content, [step, level, state.area, room.state.rested && room.box().join()].join("|"),
      (rows) => clear(rows.filter((row) => row.level === level), json.size));
    return room.make(type, {
      ...props, id: slot, data, characterSet: json.characters, getText: (row) => row.name, getSize: json.size,
      getPosition: (row) => [row.lon, row.lat, room.heightOf(row.code) + 30 * state.rise], fontSettings: {sdf: true, fontSize: 48, buffer: 6, radius: 10},
      outlineWidth: 3, billboard: true, parameters: room.ALWAYS, updateTriggers: {getPosition: [state.rise, stamp]},
    });
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

  adapters.raster = ({type, props, json, slot}) => room.make(type, {
    ...props, id: slot, data: json.data[0].url, tileSize: 256, refinementStrategy: "best-available",
    getTileData: async ({url, signal}) => {
      const answer = await fetch(url, {signal});
      if (!answer.ok) throw new Error(`tile ${answer.status}`);
      return createImageBitmap(await answer.blob());
    },
    renderSubLayers: (sub) => {
      const {boundingBox: [[west, south], [east, north]]} = sub.tile;
      return room.make("BitmapLayer", {...sub, data: null, image: sub.data, bounds: [west, south, east, north]});
    },
    onTileError: (error) => room.fail("raster", error.message),
  });
})();
