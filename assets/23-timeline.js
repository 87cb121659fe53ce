/* The time line: bars of reported cases and the brush. Dragging filters what the map draws, on the
   graphics card, without a request; letting go writes the filter, and the server settles the figures. */
(function () {
  "use strict";
  const shell = window.shell, {state} = shell;
  let data = null, drag = null, box = null, latest = null; /* latest: the bars as they last were of now */
  const canvas = () => document.getElementById("wall-histogram-canvas");
  const token = (name) => getComputedStyle(document.querySelector(".page") || document.documentElement).getPropertyValue(name).trim();
  const ms = (iso) => new Date(iso).getTime();

  function shown() {
    if (drag) return [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    return state.filter ? [ms(state.filter.since), ms(state.filter.until)] : null;
  }

  function draw() {
    const root = canvas();
    if (!root || !data) return;
    const width = root.clientWidth, height = root.clientHeight, ratio = window.devicePixelRatio || 1;
    if (!width || !height) return;
    if (root.width !== Math.round(width * ratio)) root.width = Math.round(width * ratio);
    if (root.height !== Math.round(height * ratio)) root.height = Math.round(height * ratio);
    const pen = root.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const unit = shell.unit(), base = height - 1.25 * unit;
    const since = ms(data.since), until = ms(data.until), x = (at) => (at - since) / (until - since) * width;
    const [from, to] = shown() || [since, until];
    const counts = known();
    const top = Math.max(1, ...counts), step = width / counts.length, away = shell.clock?.away();
    const now = away ? shell.clock.at : ms(state.now.now);
    const on = token("--r4"), off = token("--bar-off");
    counts.forEach((count, k) => {
      const middle = since + (k + 0.5) * data.step_s * 1000;
      pen.fillStyle = middle >= from && middle < to && !(away && middle > now) ? on : off;
      const h = count ? Math.max(2, (base - 0.4 * unit) * count / top) : 1;
      pen.fillRect(k * step + step * 0.1, base - h, Math.max(1, step * 0.8), h);
    });
    if (from > since || to < until) {
      pen.fillStyle = token("--brush");
      pen.fillRect(x(from), 0, x(to) - x(from), base);
      pen.fillStyle = token("--accent");
      [x(from), x(to)].forEach((at) => pen.fillRect(at - 1, 0, 2, base));
    }
    if (now >= since && now <= until + 60000) { pen.fillStyle = token(away ? "--info" : "--accent"); pen.fillRect(Math.min(width - 2, x(now)), 0, 2, base); }
    ticks(pen, width, height, since, until, unit);
  }

  /* In the past the bars after T stand as a ruler, dim: as they were when the page was last live. */
  function known() {
    const {clock} = shell, same = latest && latest.since === data.since && latest.until === data.until && latest.asked === asked();
    if (!clock?.away() || !same) return data.counts;
    const since = ms(data.since);
    return data.counts.map((count, k) => (since + k * data.step_s * 1000 > clock.at ? latest.counts[k] : count));
  }
  const asked = () => JSON.stringify({...state.filter, since: 0, until: 0});

  /* ---- the playhead, a slider over the bars ---- */
  const knob = () => document.getElementById("wall-playhead");
  let holds = false, headAt = NaN;
  function head(at) {
    const root = knob();
    if (!root || !data) return;
    const since = ms(data.since), until = ms(data.until), part = (at - since) / (until - since);
    root.hidden = !(part >= 0 && part <= 1.0005);
    const left = (Math.min(1, part) * 100).toFixed(3) + "%";
    if (root.style.left !== left) root.style.left = left;
    const now = String(Math.round(Math.min(1, part) * 1000));
    if (root.getAttribute("aria-valuenow") !== now) root.setAttribute("aria-valuenow", now);
    const words = shell.clock.words(at);
    if (root.getAttribute("aria-valuetext") !== words) root.setAttribute("aria-valuetext", words);
    if (Math.abs(at - headAt) > (until - since) / 2000) { headAt = at; draw(); }
  }
  document.addEventListener("pointerdown", (event) => {
    if (event.target !== knob() || event.button || !data) return;
    holds = true;
    knob().setPointerCapture?.(event.pointerId);
    event.preventDefault();
    knob().focus();
  });
  document.addEventListener("pointermove", (event) => { if (holds) shell.clock.scrub(at(event)); });
  document.addEventListener("pointerup", (event) => {
    if (!holds) return;
    holds = false;
    shell.clock.seek(at(event), "paused");
  });
  document.addEventListener("pointercancel", () => { holds = false; });
  document.addEventListener("keydown", (event) => {
    if (event.target !== knob() || !data) return;
    const way = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -8, PageUp: 8}[event.key];
    const ends = {Home: data.since, End: data.until}[event.key];
    if (!way && !ends) return;
    event.preventDefault();
    const from = shell.clock.away() ? shell.clock.at : ms(state.now.now);
    shell.clock.seek(ends ? ms(ends) : from + way * data.step_s * 1000);
  });

  const STEPS = [1, 2, 3, 4, 6, 12, 24, 48, 168, 336, 730, 2190, 4380, 8766, 17532, 43830].map((h) => h * 3600000);
  function ticks(pen, width, height, since, until, unit) {
    const step = STEPS.find((size) => (until - since) / size * 5.2 * unit < width) || STEPS[STEPS.length - 1];
    const zone = state.now.time_zone, day = step >= 24 * 3600000;
    const label = new Intl.DateTimeFormat("zh-CN", {timeZone: zone, hourCycle: "h23", ...(step >= 700 * 3600000 ? {year: "numeric", month: "2-digit"}
      : day ? {month: "2-digit", day: "2-digit"} : {hour: "2-digit", minute: "2-digit"})});
    const date = new Intl.DateTimeFormat("zh-CN", {timeZone: zone, month: "2-digit", day: "2-digit"});
    const offset = ms(data.since.slice(0, 19) + "Z") - since;
    pen.fillStyle = token("--text-2");
    pen.font = `${unit}px ${getComputedStyle(canvas()).fontFamily}`;
    pen.textBaseline = "bottom";
    for (let at = Math.ceil((since + offset) / step) * step - offset; at <= until; at += step) {
      const midnight = !day && (at + offset) % 86400000 === 0;
      const text = (midnight ? date : label).format(at).replaceAll("/", "-"), size = pen.measureText(text).width;
      const left = (at - since) / (until - since) * width - size / 2;
      if (left >= 0 && left + size <= width) pen.fillText(text, left, height);
    }
  }

  /* ISO with the offset of the district, to the minute. */
  function iso(at) {
    const zone = data.since.slice(-6);
    const offset = ms(data.since.slice(0, 19) + "Z") - ms(data.since);
    return new Date(Math.round(at / 60000) * 60000 + offset).toISOString().slice(0, 19) + zone;
  }
  function at(event) {
    box = canvas().getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return ms(data.since) + part * (ms(data.until) - ms(data.since));
  }
  const least = () => Math.max(60000, (ms(data.until) - ms(data.since)) / 300);

  function down(event) {
    if (event.target !== canvas() || !data || event.button) return;
    const from = at(event), [a, b] = shown();
    const whole = a <= ms(data.since) && b >= ms(data.until);
    const edge = (ms(data.until) - ms(data.since)) * 8 / canvas().clientWidth;
    if (!whole && Math.abs(from - a) < edge) drag = {from: b, to: a};
    else if (!whole && Math.abs(from - b) < edge) drag = {from: a, to: b};
    else if (!whole && from > a && from < b) drag = {from: a, to: b, grip: from};
    else drag = {from, to: from};
    canvas().setPointerCapture?.(event.pointerId);
    event.preventDefault();
  }
  function move(event) {
    if (!drag) return;
    const to = at(event);
    if (drag.grip !== undefined) {
      const shift = Math.min(ms(data.until) - drag.to, Math.max(ms(data.since) - drag.from, to - drag.grip));
      drag = {from: drag.from + shift, to: drag.to + shift, grip: drag.grip + shift, moved: true};
    } else drag = {...drag, to, moved: true};
    const [a, b] = shown();
    if (b - a >= least()) window.mapRoom?.brush?.({since: iso(a), until: iso(b)});
    draw();
  }
  function up() {
    if (!drag) return;
    const [a, b] = shown(), moved = drag.moved;
    drag = null;
    if (moved && b - a >= least()) shell.window(iso(a), iso(b));
    else draw();
  }
  function whole(event) {
    if (event.target !== canvas() || !state.context) return;
    shell.window(state.context.since, state.context.until);
  }
  document.addEventListener("pointerdown", down);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", up);
  document.addEventListener("pointercancel", () => { drag = null; draw(); });
  document.addEventListener("dblclick", whole);
  window.addEventListener("resize", () => requestAnimationFrame(draw));
  shell.heard.push(() => draw());
  shell.timeline = {draw, head, x: (text) => { const r = canvas().getBoundingClientRect(); return r.left + (ms(text) - ms(data.since)) / (ms(data.until) - ms(data.since)) * r.width; }, data: () => data};

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    timeline: {show: (bars) => { if (bars) { data = bars; if (!shell.clock?.away()) latest = {...bars, asked: asked()}; draw(); shell.clock?.show(); } return null; }},
  });
})();
