/* Measures what a frame costs and asks for less detail where frames are slow, for more where a GPU is.
   Also what tests look through: pixels read back from the canvas, and whether the picture is finished. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state} = room;
  const SLOW_MS = 450, FAST_MS = 60; /* of one whole frame, read back */

  const context = () => {
    const device = state.deck?.device;
    return device?.gl || document.querySelector("#map-canvas canvas")?.getContext("webgl2") || null;
  };
  const softwareRenderer = () => {
    const gl = document.createElement("canvas").getContext("webgl2");
    if (!gl) return true;
    const info = gl.getExtension("WEBGL_debug_renderer_info");
    const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    return /swiftshader|llvmpipe|software|basic render/i.test(name);
  };
  room.software = softwareRenderer();
  state.detail = room.software ? 0 : 2;

  /* Draws one frame and waits until the GPU has finished it. Null before the first picture. */
  room.frameMs = () => {
    const gl = context();
    if (!gl || !state.deck?.isInitialized) return null;
    const began = performance.now();
    state.deck.redraw("measure");
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    return performance.now() - began;
  };

  /* A frame drawn now and read back: {width, height, data} with the origin at the lower left,
     or only its fingerprint and the number of pixels that are not background. */
  room.pixels = (whole = false) => {
    const gl = context();
    if (!gl || !state.deck?.isInitialized) return null;
    state.deck.redraw("pixels");
    const width = gl.drawingBufferWidth, height = gl.drawingBufferHeight;
    const data = new Uint8Array(width * height * 4);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
    if (whole) return {width, height, data};
    let print = 2166136261, lit = 0;
    for (let i = 0; i < data.length; i += 4) {
      const pixel = data[i] | data[i + 1] << 8 | data[i + 2] << 16 | data[i + 3] << 24;
      if (data[i + 3]) lit += 1;
      print = Math.imul(print ^ pixel, 16777619);
    }
    return {width, height, lit, print: print >>> 0};
  };
  /* How many pixels differ between two pictures of the same size. */
  room.differing = (a, b) => {
    let count = 0;
    for (let i = 0; i < a.data.length; i += 4) {
      if (a.data[i] !== b.data[i] || a.data[i + 1] !== b.data[i + 1] || a.data[i + 2] !== b.data[i + 2]) count += 1;
    }
    return count;
  };
  const quiet = () => {
    const layers = state.deck?.layerManager?.getLayers() || [];
    const isTold = Object.keys(state.specs).length > 0; /* an empty map before that is no picture */
    return isTold && room.idle() && !state.resting && state.drawn > 0 && layers.every((layer) => !layer.props.visible || layer.isLoaded);
  };
  room.settled = quiet;

  /* Without a GPU a frame takes the processor from everybody: after one that came by itself the rest of the machine has
     its turn for twice as long. What the hand does, and a past that is played, waits for nothing. */
  const REST = 2, REST_MS = 2000, HAND_MS = 3000, LOOK_MS = 20;
  let underway = false, restUntil = 0, handAt = -Infinity;
  const acts = () => { handAt = performance.now(); };
  ["pointerdown", "wheel", "keydown"].forEach((name) => window.addEventListener(name, acts, {capture: true, passive: true}));
  room.on("hand", acts);
  window.shell?.heard.push((seen) => {
    if (["filter", "view", "selection"].some((name) => !window.shell.same(seen[name], window.shell.state[name]))) acts();
  });
  room.rests = () => room.software && state.opened && (underway || performance.now() < restUntil)
    && performance.now() - handAt > HAND_MS && window.shell?.clock?.mode !== "replay";
  room.on("drawn", () => {
    if (!room.software || underway) return;
    underway = true;
    const from = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => { /* the frame is with the GPU by now */
      const gl = context(), mark = gl?.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
      gl?.flush();
      const look = () => {
        if (mark && !gl.isContextLost() && gl.getSyncParameter(mark, gl.SYNC_STATUS) !== gl.SIGNALED) { setTimeout(look, LOOK_MS); return; }
        if (mark) gl.deleteSync(mark);
        underway = false;
        restUntil = performance.now() + Math.min(REST * (performance.now() - from), REST_MS);
      };
      look();
    }));
  });

  /* Says once that the first picture stands, or will not: what can wait, such as the charts, waits for that. */
  const LATE_MS = 10000;
  let fence = null;
  const finished = () => {
    const gl = context();
    if (!quiet() || !gl) { fence = null; return false; }
    if (!fence) { fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0); gl.flush(); return false; }
    return gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.SIGNALED;
  };
  const tell = () => {
    const hears = window.dash_clientside?.set_props && document.getElementById("map-canvas");
    const over = finished() || Object.keys(state.failures).length || performance.now() > LATE_MS;
    if (hears && over) { state.opened = true; room.write("map-drawn", true); }
    else setTimeout(tell, 60);
  };
  tell();

  let timer = 0, low = 0;
  const look = () => {
    if (!quiet() || document.hidden) return;
    if (room.software && state.detail === 0) return; /* nothing left to lower, and looking costs a frame */
    const ms = room.frameMs();
    if (ms == null) return;
    state.frames = [...state.frames.slice(-19), Math.round(ms)];
    const root = document.getElementById("map-canvas");
    root.dataset.frameMs = String(Math.round(ms));
    root.dataset.detail = String(state.detail);
    const before = state.detail;
    low = ms > SLOW_MS ? low + 1 : 0;
    if (low >= 2 && state.detail > 0) state.detail -= 1;
    else if (ms < FAST_MS && state.detail < 2 && !room.software) state.detail += 1;
    if (state.detail !== before) { low = 0; room.schedule(); }
  };
  room.on("drawn", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 2500);
  });
})();
