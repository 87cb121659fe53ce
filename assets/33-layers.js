/* Turns specs into deck.gl layers. A spec names a deck class and, as `glue`, the adapter below that
   puts its data into shape; everything else is passed on. Accessors are plain paths, never code. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state} = room;
  const adapters = (room.adapters = {});
  const made = {}; /* slot -> {content, data}: attributes are built once per content */
  room.once = (slot, content, stamp, build) => {
    const cell = (made[slot] ??= {});
    if (cell.content !== content || cell.stamp !== stamp) Object.assign(cell, {content, stamp, data: build(content)});
    return cell.data;
  };

  const follow = (object, path) => path.split(".").reduce((at, name) => at == null ? at : at[name], object);
  const convert = (json) => {
    const props = {};
    for (const [name, value] of Object.entries(json)) {
      if (name.startsWith("@@")) continue;
      props[name] = typeof value === "string" && value.startsWith("@@=")
        ? (object) => follow(object, value.slice(3)) : value;
    }
    return props;
  };
  /* ids keep their layer's key as first word, so that a failure and a pick can be told apart. */
  room.make = (type, props) => {
    const Class = window.deck[type];
    if (!Class) { room.fail(String(props.id).split("-")[0], "unknown layer type " + type); return null; }
    return new Class(props);
  };
  /* Marks and names grow with the wall as its panels do: 1 at 1920×1080. */
  room.scale = () => Math.max(0.8, Math.min(window.innerWidth / 1920, window.innerHeight / 1080, 3));
  window.addEventListener("resize", () => room.schedule());
  room.ALWAYS = {depthCompare: "always", depthWriteEnabled: false};

  room.build = (key, spec) => {
    if (!spec?.layer) return [];
    const built = [];
    for (const json of [].concat(spec.layer)) {
      if (!json?.["@@type"]) continue;
      const shown = room.isShown(key) && zoomed(json);
      const slot = json.id;
      if (!shown && !room.content(slot) && !Array.isArray(json.data)) continue; /* nothing fetched for what nobody sees */
      const content = shown ? room.data(slot, json.data, key) : room.content(slot) ?? json.data;
      if (content == null) continue;
      const props = {...convert(json), visible: shown};
      if (props.flat) props.parameters = {...room.ALWAYS};
      try {
        const layers = adapters[json.glue || "plain"]({type: json["@@type"], props, content, json, spec, key, slot});
        built.push(...[].concat(layers).filter(Boolean));
      } catch (error) {
        room.fail(key, error.message);
      }
    }
    return built;
  };
  /* Both where the camera is and where it last rested: data are asked for the latter. */
  const zoomed = (json) => [state.camera, state.rested || state.camera].every(({zoom}) => zoom >= (json.minZoomShown ?? 0));
  room.zoomed = zoomed;

  adapters.plain = ({type, props, content}) => room.make(type, {...props, data: content});

  /* ---- case points: single, or bins with their count where there are too many for the screen ---- */
  adapters.points = ({type, props, content, json, slot}) => {
    const {n, columns, meta} = content;
    const binned = meta.kind === "bins";
    room.leaveOut("cases", meta.left_out || 0);
    const data = room.once(slot, content, json.colourBy + state.detail + room.scale(), () => {
      const colours = new Uint8Array(n * 4), radius = new Float32Array(n);
      for (let i = 0; i < n; i++) {
        const colour = binned ? json.binColour : caseColour(json, columns.state[i]);
        colours.set(colour, i * 4);
        radius[i] = room.scale() * (binned ? Math.min(26, 4 + 2.2 * Math.sqrt(columns.weight[i])) : json.radius + 0.9 * Math.max(0, (columns.state[i] >> 4 & 3) - 1));
      }
      const attributes = {
        getPosition: {value: room.positions(columns.lon, columns.lat), size: 2},
        getFillColor: {value: colours, size: 4, normalized: true},
        getRadius: {value: radius, size: 1},
      };
      if (!binned) {
        const {times, states} = room.caseFilterAttributes(content);
        attributes.getFilterTimes = {value: times, size: 4};
        attributes.getFilterStates = {value: states, size: 2};
      }
      return {length: n, attributes, content};
    });
    const own = {...props, id: slot + (binned ? "-bins" : ""), data, parameters: room.ALWAYS};
    delete own.glue;
    if (!binned) {
      own.extensions = [room.caseFilterExtension()];
      own.caseFilter = room.once(slot + "#brush", content, JSON.stringify(state.brush), () => room.caseFilterUniforms(meta, state.brush));
    }
    return [room.make(type, own), !binned && selectedCase(content)];
  };
  const caseColour = (json, packed) => packed & 64 ? json.overdueColour : json.stateColours[packed & 15] || json.stateColours[0];
  const selectedCase = (content) => {
    const ref = state.selection?.kind === "case" ? state.caseRef : null;
    const at = ref == null ? -1 : content.columns.case_ref.indexOf(ref);
    if (at < 0) return null;
    return room.make("ScatterplotLayer", {id: "cases-selected", parameters: room.ALWAYS, stroked: true, filled: false,
      data: [{position: [content.columns.lon[at] * 1e-7, content.columns.lat[at] * 1e-7]}], getPosition: (one) => one.position,
      radiusUnits: "pixels", getRadius: 13, lineWidthUnits: "pixels", getLineWidth: 2.5, getLineColor: [255, 255, 255, 255]});
  };

  adapters.heat = ({type, props, content, slot}) => {
    const data = room.once(slot, content, 0, ({n, columns}) => ({
      length: n,
      attributes: {
        getPosition: {value: room.positions(columns.lon, columns.lat), size: 2},
        getWeight: {value: Float32Array.from(columns.weight), size: 1},
      },
    }));
    const {cell_deg: cell = 0, peak = 1} = content.meta;
    const pixels = cell * 512 * Math.pow(2, state.camera.zoom) / 360;
    const radius = Math.max(28 * room.scale(), Math.min(props.radiusMax * room.scale(), pixels * 2.6));
    const rest = {...props, id: slot, data, parameters: room.ALWAYS, radiusPixels: radius, debounceTimeout: 60,
      weightsTextureSize: state.detail ? 1024 : 512, updateTriggers: {peak}};
    return data.length ? room.make(type, rest) : null;
  };

  /* ---- traces: segments fading with age; in 3D at the height of their officer ---- */
  adapters.traces = ({props, content, json, slot, type}) => {
    const stamp = state.rise < 0.02 ? "flat" : room.areasStamp();
    const data = room.once(slot, content, stamp + Boolean(room.content("officers")), () => tracks(content, json.getColor));
    const width = (state.camera.zoom < 12.5 ? 1 : state.camera.zoom < 14 ? 1.6 : 2.2) * room.scale();
    const own = {...props, id: slot, data, parameters: room.ALWAYS, getWidth: width};
    return data.length ? room.make(type, own) : null;
  };
  const tracks = (content, [red, green, blue]) => {
    const {n, columns: {start, lon, lat, second}, meta} = content;
    const heights = room.officerHeights();
    const count = lon.length - n, from = new Float64Array(count * 3), to = new Float64Array(count * 3);
    const colours = new Uint8Array(count * 4), owner = new Uint32Array(count);
    const span = meta.span || 1800;
    let at = 0;
    for (let path = 0; path < n; path++) {
      const z = heights?.get(meta.ids[path]) ?? 0;
      for (let i = start[path]; i < start[path + 1] - 1; i++, at++) {
        from[at * 3] = lon[i] * 1e-7; from[at * 3 + 1] = lat[i] * 1e-7; from[at * 3 + 2] = z;
        to[at * 3] = lon[i + 1] * 1e-7; to[at * 3 + 1] = lat[i + 1] * 1e-7; to[at * 3 + 2] = z;
        const fresh = Math.max(0, Math.min(1, (second[i] + second[i + 1]) / 2 / span));
        colours.set([red, green, blue, 20 + 180 * fresh], at * 4);
        owner[at] = path;
      }
    }
    return {length: count, owner, content, attributes: {getSourcePosition: {value: from, size: 3},
      getTargetPosition: {value: to, size: 3}, getColor: {value: colours, size: 4, normalized: true}}};
  };
  room.officerHeights = () => {
    const content = room.content("officers");
    if (!content || state.rise < 0.02) return null;
    const lift = room.lift(content);
    return new Map(content.meta.ids.map((id, i) => [id, lift(i)]));
  };

  /* ---- what stands on the areas: officers and resources, lifted onto the extrusions in 3D ---- */
  adapters.icons = ({type, props, content, json, slot, key}) => {
    const atlas = room.atlas();
    const {columns} = content;
    const owner = room.once(slot + "#thin", content, [zoomStep(), json.cellPx, room.scale(), state.selection?.code].join("|"), () => thinned(content, json.cellPx * room.scale()));
    room.leaveOut(key, content.n - owner.length);
    const stamp = (state.rise < 0.02 ? "flat" : room.areasStamp());
    const data = room.once(slot, content, owner.length + "|" + stamp + "|" + zoomStep(), () => placed(content, owner));
    const plain = Math.max(json.sizeMin, Math.min(json.sizeMax, json.sizeMax - (15.5 - state.camera.zoom) * json.sizeStep));
    const size = plain * room.scale();
    const turns = content.meta.selects === "officer";
    const heading = columns.heading && turns && plain >= 11; /* smaller ones are dots without direction */
    const layer = room.make(type, {
      ...props, id: slot, data, iconAtlas: atlas.image, iconMapping: atlas.mapping, sizeUnits: "pixels",
      getIcon: (_, {index}) => room.iconName(content, owner[index], heading), getSize: size,
      getAngle: heading ? (_, {index}) => columns.heading[owner[index]] > 360 ? 0 : -columns.heading[owner[index]] : 0,
      ...(columns.age ? {getColor: (_, {index, target}) => faded(columns.age[owner[index]], content.meta, target)} : {}),
      updateTriggers: {getIcon: [data, heading], getSize: [size], getAngle: [data, heading], getColor: [data]},
      billboard: true, alphaCutoff: 0.1, parameters: room.ALWAYS,
    });
    return [state.rise > 0.02 && state.camera.zoom >= 13 && room.stems(slot, data), !turns && room.arrows(slot, content, data, atlas, size, props.visible),
      layer, room.ring(slot, content, data)];
  };
  /* Where something drives: an arrow that looks out from under its sign, which itself stays upright. */
  room.arrows = (slot, {columns}, data, atlas, size, visible) => {
    if (!visible || !columns.heading) return null;
    const way = (index) => columns.heading[data.owner[index]];
    const driving = room.once(slot + "#driving", data, 0, () => Array.from(data.owner.keys()).filter((index) => way(index) <= 360));
    return driving.length ? room.make("IconLayer", {
      id: slot + "-headings", data: driving, iconAtlas: atlas.image, iconMapping: atlas.mapping, sizeUnits: "pixels", pickable: false,
      getIcon: () => "heading", getSize: size * 1.5, getAngle: (index) => -way(index), billboard: true, alphaCutoff: 0.1, parameters: room.ALWAYS,
      getPosition: (index) => place(data, index, data.heights[index], [0, 0, 0]), updateTriggers: {getSize: [size], getPosition: [data], getAngle: [data]},
    }) : null;
  };
  /* A position grows faint with its age: whole while fresh, never quite gone. */
  const faded = (age, {fresh_s: fresh, late_s: late}, target) => {
    target[0] = target[1] = target[2] = 255;
    target[3] = 255 - 135 * Math.max(0, Math.min(1, (age - fresh) / (late - fresh)));
    return target;
  };
  const zoomStep = () => Math.round(state.camera.zoom * 2) / 2;
  /* Marks that would cover each other: one per cell of the screen, the selected one always. */
  const thinned = ({n, columns, meta}, cellPx) => {
    const zoom = zoomStep();
    const all = Uint32Array.from({length: n}, (_, i) => i);
    if (!cellPx || zoom >= 16) return all;
    const width = cellPx * 360 / 512 / Math.pow(2, zoom) * 1e7, height = width * 0.86;
    const chosen = state.selection?.kind === meta.selects ? (meta.ids || []).indexOf(state.selection.code) : -1;
    const taken = new Set();
    return all.filter((i) => {
      const cell = Math.floor(columns.lon[i] / width) + "," + Math.floor(columns.lat[i] / height);
      if (i !== chosen && taken.has(cell)) return false;
      taken.add(cell);
      return true;
    });
  };
  const placed = (content, owner) => {
    const lift = room.lift(content), {lon, lat} = content.columns;
    const heights = new Float32Array(owner.length), value = new Float64Array(owner.length * 3);
    owner.forEach((from, i) => {
      heights[i] = lift(from);
      value[i * 3] = lon[from] * 1e-7; value[i * 3 + 1] = lat[from] * 1e-7; value[i * 3 + 2] = heights[i];
    });
    return {length: owner.length, owner, heights, content, attributes: {getPosition: {value, size: 3}}};
  };
  /* What is not drawn is said in the legend, never silent. */
  room.leaveOut = (key, count) => {
    state.leftOut ??= {};
    if (state.leftOut[key] === count) return;
    state.leftOut[key] = count;
    room.emit("leftOut", key);
  };
  room.stems = (slot, data) => room.make("LineLayer", {
    id: slot + "-stems", data: {length: data.length}, pickable: false, parameters: room.ALWAYS,
    getSourcePosition: (_, {index, target}) => place(data, index, 0, target),
    getTargetPosition: (_, {index, target}) => place(data, index, data.heights[index], target),
    getColor: [159, 178, 204, 80], getWidth: 1, updateTriggers: {getSourcePosition: data, getTargetPosition: data},
  });
  const place = (data, index, z, target) => {
    const {value} = data.attributes.getPosition;
    target[0] = value[index * 3]; target[1] = value[index * 3 + 1]; target[2] = z;
    return target;
  };
  room.ring = (slot, content, data) => {
    const kind = content.meta.selects;
    if (state.selection?.kind !== kind) return null;
    const at = data.owner.indexOf((content.meta.ids || []).indexOf(state.selection.code));
    if (at < 0) return null;
    return room.make("ScatterplotLayer", {id: slot + "-ring", data: [{position: place(data, at, data.heights[at], [0, 0, 0])}],
      getPosition: (one) => one.position, billboard: true, stroked: true, filled: false, radiusUnits: "pixels", getRadius: 17,
      lineWidthUnits: "pixels", getLineWidth: 2.5, getLineColor: [255, 255, 255, 255], parameters: room.ALWAYS});
  };
})();
