/* The map: one Deck for the life of the page. Specs come from the server (draw),
   camera, mode, visibility, selection and brush are the browser's own and survive every refresh. */
(function () {
  "use strict";
  const KEYS = ["raster", "basemap", "areas", "buildings", "zones", "chiefs", "heat", "clusters", "reach", "traces",
    "cases", "changes", "resources", "officers", "alerts", "whistles", "labels"];
  const START = {longitude: 104.1, latitude: 30.67, zoom: 11.5, pitch: 0, bearing: 0, minZoom: 3, maxZoom: 20, maxPitch: 70};
  const TILT = {pitch: 48, bearing: -14};
  const state = {
    deck: null, specs: {}, shown: {}, camera: {...START}, mode: "2d", rise: 0,
    selection: null, hover: null, brush: null, detail: 1, home: null, focus: null, placed: false,
    failures: {}, scheduled: false, area: null, lang: "zh", frames: [], drawn: 0,
  };
  const room = {KEYS, state, listeners: {}};
  window.mapRoom = room;

  const write = (id, data) => window.dash_clientside?.set_props?.(id, {data});
  room.write = write;
  room.on = (name, heard) => (room.listeners[name] ??= []).push(heard);
  room.emit = (name, value) => (room.listeners[name] || []).forEach((heard) => heard(value));
  const canvas = () => document.getElementById("map-canvas");

  room.fail = (key, message) => {
    /* Kept on the canvas for the screen and the tests; cleared when the layer is drawn anew. */
    if (message) state.failures[key] = String(message).slice(0, 300);
    else delete state.failures[key];
    const root = canvas();
    if (root) root.dataset.failures = JSON.stringify(state.failures);
    const names = Object.keys(state.failures);
    let note = document.getElementById("map-failure");
    if (!note && root && names.length) {
      note = Object.assign(document.createElement("div"), {id: "map-failure", className: "map-failure"});
      note.setAttribute("role", "status");
      root.append(note);
    }
    if (note) {
      note.hidden = !names.length;
      note.textContent = names.length
        ? (state.lang === "en" ? "Layer failed, last picture kept: " : "图层失败, 保留上一画面: ")
          + names.map((name) => name + " (" + state.failures[name] + ")").join("; ") : "";
    }
  };

  /* Without a GPU a frame is dear: what has come waits for what is on its way, but not long, and not
     for what the hand does. */
  const PATIENCE_MS = 600, FIRST_MS = 3000;
  let since = 0, urgent = false;
  const paint = () => {
    const isHand = state.opened && (urgent || state.moving);
    const patient = room.software && state.waiting > 0 && !isHand && performance.now() - since < (state.opened ? PATIENCE_MS : FIRST_MS);
    if (patient || (!isHand && room.rests?.())) { setTimeout(paint, 30); return; }
    state.scheduled = urgent = false;
    clearTimeout(laterBy);
    laterBy = 0;
    const layers = KEYS.flatMap((key) => room.build(key, state.specs[key]));
    state.deck.setProps({layers});
    state.drawn += 1;
    room.emit("drawn", state.drawn);
  };
  room.schedule = (now = false) => {
    if (!state.deck) return;
    urgent ||= now === true;
    if (state.scheduled) return;
    state.scheduled = true;
    since = performance.now();
    requestAnimationFrame(paint);
  };

  /* What may ride along with the next picture; without a GPU it waits for one for a while. */
  const LATER_MS = 2000;
  let laterBy = 0;
  room.later = () => {
    if (!room.software) room.schedule();
    else laterBy ||= setTimeout(() => { laterBy = 0; room.schedule(); }, LATER_MS);
  };

  room.draw = (spec, key) => {
    if (!KEYS.includes(key) || !spec) return;
    state.specs[key] = spec;
    room.fail(key, null);
    room.emit("spec", key);
    if (spec.focus) room.placeFocus(spec.focus);
    if (room.isShown(key)) [].concat(spec.layer || []).filter(room.zoomed).forEach((json) => room.data(json.id, json.data, key)); /* do not wait for a frame */
    room.schedule();
  };

  /* Before the camera stands where the address or the areas put it, nothing is asked for what it sees. */
  room.isPlaced = () => Boolean(state.placed || state.given);
  room.placeFocus = (focus) => {
    /* The first picture jumps, a drill flies; the same focus again leaves the camera alone. */
    if (focus.home) state.home = focus.home;
    const code = focus.code ?? null;
    if (state.placed && state.focus === code) return;
    const first = !state.placed;
    state.focus = code;
    state.placed = true;
    if (first && state.given) return;
    if (focus.bounds) room.fit(focus.bounds, first ? 0 : 700);
  };

  room.fit = (bounds, ms = 700, turn = {}) => {
    const root = canvas();
    const width = root?.clientWidth || 1280;
    /* a tilted picture is lower than it is wide: what would be too high when flat still fits */
    const height = (root?.clientHeight || 720) * (state.mode === "3d" ? 1.16 : 1);
    const viewport = new window.deck.WebMercatorViewport({width, height});
    const [fitted] = besides(room.padding(width, height), root, height)
      .map((padding) => viewport.fitBounds([[bounds[0], bounds[1]], [bounds[2], bounds[3]]], {padding, maxZoom: 17.5}))
      .sort((one, other) => other.zoom - one.zoom);
    room.setCamera({lon: fitted.longitude, lat: fitted.latitude, zoom: fitted.zoom, ...turn}, ms);
  };
  /* The free room is what the side panels leave, as they stand now. */
  room.padding = (width, height) => {
    if (width < 700) return 20;
    const pad = {left: width * 0.21, right: width * 0.21, top: height * 0.09, bottom: height * 0.16};
    const at = canvas()?.getBoundingClientRect();
    document.querySelectorAll(".side").forEach((side) => {
      const box = side.getBoundingClientRect();
      if (!at || !box.width || box.width > width * 0.4) return;
      if (box.left + box.width / 2 < at.left + width / 2) pad.left = box.right - at.left + 16;
      else pad.right = at.right - box.left + 16;
    });
    return pad;
  };

  /* What tools and legend leave of the free room: at its side, or above it. Its height is known once it is filled. */
  function besides(pad, root, height) {
    const legend = document.querySelector(".legend"), at = root?.getBoundingClientRect(), box = legend?.getBoundingClientRect();
    if (!at || !box?.width || at.width < 700 || getComputedStyle(legend).visibility === "hidden") return [pad];
    const tools = document.querySelector(".tools")?.getBoundingClientRect();
    if (tools?.width) pad.right = Math.max(pad.right, at.right - tools.left + 4);
    const width = Math.max(box.width, parseFloat(getComputedStyle(legend).maxWidth) || 0);
    const beside = {...pad, left: Math.max(pad.left, box.left + width - at.left + 12)};
    return box.height > 60 ? [beside, {...pad, bottom: Math.max(pad.bottom, at.bottom - box.top + 12)}].filter((one) => one.top + one.bottom < height * 0.8) : [beside];
  }

  room.setCamera = (camera, ms = 0) => {
    const old = state.camera;
    const finite = (value, fallback) => Number.isFinite(Number(value ?? NaN)) ? Number(value) : fallback;
    const next = {
      ...old, longitude: finite(camera.lon, old.longitude), latitude: finite(camera.lat, old.latitude),
      zoom: Math.min(20, Math.max(3, finite(camera.zoom, old.zoom))),
      pitch: Math.min(70, Math.max(0, finite(camera.pitch, old.pitch))), bearing: finite(camera.bearing, old.bearing),
    };
    state.goal = next; /* where a flight ends: the next nudge starts there */
    if (!ms) state.camera = next;
    if (room.isPlaced() && !state.asked) { state.rested = {...next}; state.asked = true; } /* the first picture asks at once */
    const fly = ms > 0 ? {transitionDuration: ms, transitionInterpolator: new window.deck.LinearInterpolator(
      ["longitude", "latitude", "zoom", "pitch", "bearing"])} : {transitionDuration: 0};
    state.deck?.setProps({initialViewState: {...next, ...fly, stamp: performance.now()}});
    if (!ms) moved(next);
    room.schedule();
  };

  room.home = () => {
    const turn = state.mode === "2d" ? {pitch: 0, bearing: 0} : {pitch: TILT.pitch, bearing: TILT.bearing};
    if (state.home) room.fit(state.home, 700, turn);
    else room.setCamera(turn, 700);
  };

  room.setMode = (mode, ms = 700) => {
    if (mode !== "2d" && mode !== "3d") return;
    if (mode === state.mode) return;
    state.mode = mode;
    const goal = mode === "3d" ? 1 : 0, from = state.rise, began = performance.now();
    const at = state.goal || state.camera; /* a flight under way goes on, and tilts */
    room.setCamera({lon: at.longitude, lat: at.latitude, zoom: at.zoom, pitch: goal ? TILT.pitch : 0,
      bearing: goal ? at.bearing || TILT.bearing : 0}, ms);
    state.moving = true;
    const step = () => {
      if (state.mode !== mode) return; /* switched again meanwhile: the newer one animates */
      const part = ms ? Math.min(1, (performance.now() - began) / ms) : 1;
      state.rise = from + (goal - from) * part * part * (3 - 2 * part);
      room.schedule();
      if (part < 1) requestAnimationFrame(step);
      else { state.moving = false; room.emit("mode", mode); }
    };
    step();
  };

  room.toggle = (key, on) => {
    if (!KEYS.includes(key)) return;
    state.shown[key] = Boolean(on);
    room.schedule();
  };
  room.isShown = (key) => state.shown[key] ?? true;

  room.view = (view) => {
    if (!view) return;
    state.area = view.area ?? null;
    state.lang = view.lang === "en" ? "en" : "zh";
    Object.entries(view.layers || {}).forEach(([key, on]) => { if (KEYS.includes(key)) state.shown[key] = Boolean(on); });
    if (view.camera && !state.given) { state.given = true; room.setCamera(view.camera); }
    if (view.mode) {
      const first = !state.seen;
      if (first && view.camera && Number.isFinite(view.camera.pitch)) { state.mode = view.mode; state.rise = view.mode === "3d" ? 1 : 0; }
      else room.setMode(view.mode, first ? 0 : 700);
    }
    state.seen = true;
    room.schedule();
  };
  room.select = (selection) => { state.selection = selection || null; room.schedule(true); };
  room.brush = (brush) => {
    const next = brush || null;
    if (JSON.stringify(next) === JSON.stringify(state.brush)) return; /* every change of the filter tells us */
    state.brush = next;
    room.emit("hand");
    room.schedule(true);
  };

  let resting = 0;
  function moved(view) {
    state.camera = {...state.camera, ...view};
    delete state.camera.transitionDuration;
    delete state.camera.transitionInterpolator;
    room.emit("camera", state.camera);
    clearTimeout(resting);
    state.resting = true; /* the data for the new place are not asked yet */
    resting = setTimeout(() => {
      const round = (value, digits) => Number(value.toFixed(digits));
      state.goal = null;
      state.resting = false;
      if (room.isPlaced()) write("map-camera", {lon: round(view.longitude, 6), lat: round(view.latitude, 6), zoom: round(view.zoom, 3),
        pitch: round(view.pitch, 1), bearing: round(view.bearing, 1)});
      room.emit("rest", state.camera);
    }, 220);
  }

  room.start = () => {
    const root = canvas();
    if (state.deck || !root || !window.deck?.Deck) return Boolean(state.deck);
    const keep = ({width, height, ...view}) => view;
    state.deck = new window.deck.Deck({
      parent: root, id: "map-deck", width: "100%", height: "100%",
      views: new window.deck.MapView({repeat: false, farZMultiplier: 2, controller: {
        keyboard: false, doubleClickZoom: false, inertia: false, touchRotate: true}}),
      initialViewState: {...state.camera},
      useDevicePixels: !room.software,
      deviceProps: {webgl: {antialias: !room.software}},
      eventRecognizerOptions: {click: {time: 10000, interval: 300}},
      getCursor: ({isDragging, isHovering}) => isDragging ? "grabbing" : isHovering ? "pointer" : "grab",
      onViewStateChange: ({viewState}) => moved(keep(viewState)),
      onClick: (info) => room.picked(info),
      onHover: (info) => room.hovered(info),
      onError: (error, layer) => {
        const key = layer ? String(layer.id).split("-")[0] : "map";
        console.warn("map layer failed", key, error?.message);
        room.fail(key, error?.message || error);
      },
      onLoad: () => { root.dataset.ready = "1"; room.emit("ready"); },
    });
    root.tabIndex = 0;
    room.emit("start", root);
    room.schedule();
    return true;
  };

  /* The page is laid out by the framework after this file ran: wait for the canvas, then stop looking. */
  const watcher = new MutationObserver(() => { if (room.start()) watcher.disconnect(); });
  const begin = () => { if (!room.start()) watcher.observe(document.documentElement, {childList: true, subtree: true}); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
  window.addEventListener("load", () => { if (room.start()) watcher.disconnect(); });

  /* What the page calls: one function per layer, so that each store redraws its layer alone. */
  const functions = {
    /* The part of the view that the server draws by; the rest (layers, mode, camera) costs no request. */
    scope: (view) => {
      room.view(view);
      if (!view) return;
      const {area, measure, grids, scale, lang, theme} = view, next = {area, measure, grids, scale, lang, theme}, mark = JSON.stringify(next);
      if (state.scope && state.scope !== mark) write("map-scope", next);
      state.scope = mark; /* the page came with the first one */
    },
    select: (selection) => { room.select(selection); },
  };
  KEYS.forEach((key) => { functions["draw_" + key] = (spec) => { room.draw(spec, key); }; });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {map: functions});
})();
