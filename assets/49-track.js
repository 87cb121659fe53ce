/* A force on its way to a case is followed: its way by road on the map, how far and how long it still is; until the
   case is handled or somebody ends it. The address keeps it: follow=<case>,<officer|resource>:<id>. */
(function () {
  "use strict";
  const room = window.mapRoom, shell = window.shell;
  if (!room || !shell) return;
  const LOOK_MS = 1000, LEAST_MS = 3000, MOST_MS = 10000, SAID_MS = 6000;
  const COLOUR = "--track", EDGE = "--panel-solid"; /* a colour of nothing else on the map */
  let track = null, found = null, moved = false, asking = false, askedAt = -Infinity, heardAt = 0, said = 0, fitted = false;

  const bar = () => document.getElementById("wall-track");
  const part = (name) => bar()?.querySelector(".tracking__" + name);
  const write = (name, text) => { const at = part(name); if (at && at.textContent !== text) at.textContent = text; };

  function show(fault = "") {
    const line = bar();
    if (!line) return;
    line.hidden = !track;
    if (!track) return;
    const {dataset} = line, bad = fault || (found && !found.at ? dataset.lost : found && found.metres === null ? dataset.noWay : "");
    line.classList.toggle("is-bad", Boolean(bad));
    write("who", found?.name || track.who.slice(track.who.indexOf(":") + 1));
    write("way", bad || (!found ? "…" : found.is_there ? dataset.there
      : dataset.way.replace("{km}", (found.metres / 1000).toFixed(1)).replace("{minutes}", found.minutes)));
    const at = track.who.startsWith("resource:") ? room.vehicle?.(track.who.slice(9))?.at : null;
    const now = shell.state.now ? new Date(shell.state.now.now).getTime() : 0;
    const age = at && now ? Math.max(0, (now - at) / 1000) : found?.age_s ?? null;
    write("age", age === null ? "" : dataset.age.replace("{n}", Math.round(age)));
  }
  const keep = () => history.replaceState(history.state, "", shell.address());
  const {address} = shell;
  shell.address = () => address() + (track ? `&follow=${encodeURIComponent(track.case + "," + track.who)}` : "");

  function begin(case_, who) {
    clearTimeout(said);
    track = {case: case_, who};
    found = null;
    fitted = false;
    askedAt = -Infinity;
    keep();
    show();
    ask();
  }
  function end(why = "") {
    track = found = null;
    keep();
    const line = bar();
    if (line && why) {
      line.hidden = false;
      write("way", why);
      write("age", "");
      said = setTimeout(() => show(), SAID_MS);
    } else show();
    soon();
  }
  async function ask() {
    if (!track || asking) return;
    const mine = track, query = new URLSearchParams({case: mine.case, who: mine.who, v: String(Math.round(performance.now()))});
    if (shell.seat?.()) query.set("seat", shell.seat());
    asking = true;
    askedAt = performance.now();
    moved = false;
    try {
      const answer = await fetch("/columns/track?" + query, {headers: {Accept: "application/json"}, signal: AbortSignal.timeout(8000)});
      if (mine !== track) return;
      if (answer.status === 404 || answer.status === 400) { end(bar()?.dataset.lost); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const came = await answer.json();
      if (mine !== track) return;
      if (came.is_over) { end(bar()?.dataset.over); return; }
      found = came;
      heardAt = performance.now();
      fit();
      show();
      soon();
    } catch (error) {
      console.info("the way did not come", error.message);
      if (mine === track) show(bar()?.dataset.failed); /* the last way stays on the map */
    } finally {
      asking = false;
    }
  }
  /* Once, when it begins: both ends stand in the picture; then the camera is the hand's again. */
  function fit() {
    if (fitted || !found?.at || !room.isPlaced() || !room.state.opened) return; /* the areas place the camera first */
    fitted = true;
    const points = [found.at, found.to, ...(found.line || [])], of = (k, pick) => pick(...points.map((one) => one[k]));
    const pad = 0.002;
    room.fit([of(0, Math.min) - pad, of(1, Math.min) - pad, of(0, Math.max) + pad, of(1, Math.max) + pad]);
  }
  room.on("vehicles", () => { moved = true; });
  room.on("positions", () => { moved = true; });
  shell.clock?.heard.push(() => { moved = true; });
  setInterval(() => {
    if (!track || document.hidden) return;
    fit();
    const since = performance.now() - askedAt;
    if ((moved && since > LEAST_MS) || since > MOST_MS) ask();
    else show(performance.now() - heardAt > 45000 && found ? bar()?.dataset.failed : "");
  }, LOOK_MS);

  /* On a sheet of its own, whichever layers are shown: the way, a ring around the force and one around the place. */
  const soon = room.sheet("track", (pen, project) => {
    if (!track || !found?.at || !bar()) return false;
    const told = track.who.startsWith("resource:") && !shell.clock?.away() ? room.vehicle?.(track.who.slice(9)) : null;
    const at = told ? [told.lon, told.lat] : found.at, size = room.scale(), path = [at, ...(found.line || []), found.to].map(project);
    pen.lineJoin = pen.lineCap = "round";
    pen.beginPath();
    path.forEach((place, i) => pen[i ? "lineTo" : "moveTo"](...place));
    const ring = ([x, y], radius) => { pen.moveTo(x + radius * size, y); pen.arc(x, y, radius * size, 0, 2 * Math.PI); };
    ring(path[0], 18);
    ring(path[path.length - 1], 13);
    const look = getComputedStyle(bar());
    for (const [colour, width] of [[EDGE, 8], [COLOUR, 4]]) {
      pen.strokeStyle = look.getPropertyValue(colour).trim();
      pen.lineWidth = width * size;
      pen.stroke();
    }
    return true;
  });
  room.on("vehicles", () => soon());

  shell.acts.track = (button) => {
    const {case: case_, who} = button.dataset;
    if (track && track.case === case_ && track.who === who) end();
    else begin(case_, who);
  };
  shell.acts.untrack = () => end();
  const given = new URLSearchParams(location.search), asked = given.get("follow") || ""; /* before the address is written anew */
  shell.heard.push((seen, first) => {
    const cut = asked.lastIndexOf(",");
    if (!first || cut < 1 || !/^(officer|resource):./.test(asked.slice(cut + 1))) return;
    begin(asked.slice(0, cut), asked.slice(cut + 1));
    fitted = given.has("camera");
  });
})();
