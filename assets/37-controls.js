/* Scale bar, compass, zoom, home, 2D/3D, full screen, keyboard. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state} = room;
  const WORDS = {
    zh: {zoomIn: "放大", zoomOut: "缩小", home: "回到全区", mode: "切换二维三维", full: "全屏", compass: "指北", tools: "地图工具"},
    en: {zoomIn: "Zoom in", zoomOut: "Zoom out", home: "Whole district", mode: "Switch 2D and 3D", full: "Full screen", compass: "North up", tools: "Map tools"},
  };
  const SVG = "http://www.w3.org/2000/svg";

  const nudge = (change, ms = 180) => {
    const at = state.camera;
    room.setCamera({lon: at.longitude + (change.x || 0), lat: at.latitude + (change.y || 0), zoom: at.zoom + (change.zoom || 0),
      pitch: at.pitch + (change.pitch || 0), bearing: at.bearing + (change.bearing || 0)}, ms);
  };
  room.fullScreen = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  };
  const switchMode = () => {
    const next = state.mode === "3d" ? "2d" : "3d";
    room.setMode(next);
    room.emit("userMode", next);
  };
  const ACTIONS = {
    mode: switchMode, zoomIn: () => nudge({zoom: 1}), zoomOut: () => nudge({zoom: -1}),
    compass: () => room.setCamera({bearing: 0}, 300), home: () => room.home(), full: () => room.fullScreen(),
  };
  const FACES = {mode: "3D", zoomIn: "＋", zoomOut: "－", home: "⌂", full: "⛶", compass: ""};

  const buttons = {};
  let scale = null, needle = null;
  const relabel = () => {
    const words = WORDS[state.lang];
    for (const [name, button] of Object.entries(buttons)) { button.title = words[name]; button.setAttribute("aria-label", words[name]); }
    buttons.mode.textContent = state.mode === "3d" ? "2D" : "3D";
    buttons.mode.setAttribute("aria-pressed", String(state.mode === "3d"));
  };
  const compassFace = () => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "-12 -12 24 24");
    svg.setAttribute("aria-hidden", "true");
    for (const [points, name] of [["0,-10 4,0 -4,0", "north"], ["0,10 4,0 -4,0", "south"]]) {
      const part = document.createElementNS(SVG, "polygon");
      part.setAttribute("points", points);
      part.setAttribute("class", "map-compass__" + name);
      svg.append(part);
    }
    needle = svg;
    return svg;
  };
  room.on("start", (root) => {
    const tools = Object.assign(document.createElement("div"), {className: "map-tools"});
    tools.setAttribute("role", "toolbar");
    tools.setAttribute("aria-label", WORDS[state.lang].tools);
    for (const name of Object.keys(ACTIONS)) {
      const button = Object.assign(document.createElement("button"), {type: "button", className: "map-tool map-tool--" + name});
      button.textContent = FACES[name];
      if (name === "compass") button.append(compassFace());
      button.addEventListener("click", ACTIONS[name]);
      tools.append(button);
      buttons[name] = button;
    }
    scale = Object.assign(document.createElement("div"), {className: "map-scale"});
    scale.append(document.createElement("span"));
    root.append(tools, scale);
    relabel();
    show(state.camera);
  });

  /* The longest of 1, 2, 5 × 10ⁿ metres that fits 120 px at the middle of the picture. */
  const show = ({latitude, zoom, bearing}) => {
    if (!scale) return;
    const metres = 40075016.686 * Math.cos(latitude * Math.PI / 180) / 512 / Math.pow(2, zoom);
    const most = metres * 120, power = Math.pow(10, Math.floor(Math.log10(most)));
    const length = [5, 2, 1].find((one) => one * power <= most) * power;
    scale.firstChild.textContent = length >= 1000 ? length / 1000 + " km" : length + " m";
    scale.style.width = Math.round(length / metres) + "px";
    needle.style.transform = `rotate(${-bearing}deg)`;
  };
  room.on("camera", show);
  room.on("drawn", () => { if (scale) relabel(); });

  const typing = (target) => target?.closest?.("input, textarea, select, [contenteditable], [role=slider], [role=listbox]");
  document.addEventListener("keydown", (event) => {
    if (!state.deck || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const free = event.target === document.body || event.target.closest?.("#map-canvas");
    const step = 140 * 360 / 512 / Math.pow(2, state.camera.zoom);
    const turn = state.camera.bearing * Math.PI / 180;
    const pan = (right, up) => nudge({x: (right * Math.cos(turn) + up * Math.sin(turn)) * step, y: (up * Math.cos(turn) - right * Math.sin(turn)) * step});
    const arrows = event.shiftKey
      ? {ArrowLeft: () => nudge({bearing: -15}), ArrowRight: () => nudge({bearing: 15}), ArrowUp: () => nudge({pitch: -10}), ArrowDown: () => nudge({pitch: 10})}
      : {ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, 1), ArrowDown: () => pan(0, -1)};
    const keys = {"+": ACTIONS.zoomIn, "=": ACTIONS.zoomIn, "-": ACTIONS.zoomOut, _: ACTIONS.zoomOut,
      f: ACTIONS.full, F: ACTIONS.full, d: ACTIONS.mode, D: ACTIONS.mode, h: ACTIONS.home, H: ACTIONS.home};
    const act = keys[event.key] || (free && arrows[event.key]);
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
