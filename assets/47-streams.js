/* Pictures of cameras in their card: played where the browser can, and a picture that is lost says since when. */
(function () {
  "use strict";
  const STALE_MS = 8000, AGAIN_MS = 10000, LOOK_MS = 500;
  const TYPES = {hls: "application/vnd.apple.mpegurl", mp4: "video/mp4", webm: "video/webm"};
  let held = null; /* {frame, url, video, note; begun, seen, tried: ms; at: s; failed, never} */

  const clock = (ms) => window.shell.clock.words(ms);
  const say = (word, at) => {
    const text = (held.frame.dataset[word] || "").replace("{at}", at ? clock(at) : "");
    held.video.dataset.is = word;
    if (held.note.textContent !== text) held.note.textContent = text;
    held.note.classList.toggle("is-bad", word === "lost" || word === "never" || word === "hls");
  };
  const play = () => { held.tried = Date.now(); held.video.play().catch(() => {}); /* the looks say what became of it */ };

  const begin = (frame) => {
    const {stream: url, streamKind: kind} = frame.dataset;
    const video = Object.assign(document.createElement("video"), {muted: true, playsInline: true, controls: true, preload: "auto"});
    const note = Object.assign(document.createElement("p"), {className: "stream__note"});
    note.setAttribute("role", "status");
    held = {frame, url, video, note, begun: Date.now(), seen: null, at: -1, tried: 0, failed: false, never: false};
    frame.append(video, note);
    if (!video.canPlayType(TYPES[kind] || "")) { say("hls"); video.hidden = true; held.never = true; return; }
    video.addEventListener("loadedmetadata", () => { video.loop = Number.isFinite(video.duration); }); /* a recording begins anew */
    video.addEventListener("error", () => { if (held?.video === video) held.failed = true; });
    video.addEventListener("ended", () => { if (held?.video === video) held.failed = true; });
    video.src = url;
    play();
  };
  const end = () => {
    if (!held) return;
    held.video.removeAttribute("src");
    held.video.load();
    held.video.remove();
    held.note.remove();
    held = null;
  };
  const look = () => {
    if (!held || held.never) return;
    const {video} = held, now = Date.now();
    if (video.currentTime !== held.at && !held.failed) {
      if (video.currentTime > 0) held.seen = now;
      held.at = video.currentTime;
    }
    const stale = now - (held.seen ?? held.begun) > STALE_MS;
    if (video.paused && held.seen && !held.failed && !video.ended) { say("paused", held.seen); return; }
    if (held.failed || stale) {
      if (held.seen) say("lost", held.seen); else say("never", held.begun);
      if (now - held.tried > AGAIN_MS) { held.failed = false; held.at = -1; video.load(); play(); }
    } else if (held.seen) say("live");
    else say("waiting");
  };

  /* The card is drawn anew with each change: the same picture goes on. */
  const follow = () => {
    const frame = document.querySelector("#wall-side [data-stream]");
    if (!frame || held?.url !== frame.dataset.stream) end();
    if (!frame) return;
    if (!held) begin(frame);
    else if (!frame.contains(held.video)) {
      held.frame = frame;
      frame.append(held.video, held.note);
      if (!held.never) play();
    }
    look();
  };
  let following = 0;
  new MutationObserver((changes) => {
    const ours = changes.some(({target}) => target.closest?.("#wall-side") || target.querySelector?.("#wall-side"));
    if (ours) following ||= requestAnimationFrame(() => { following = 0; follow(); });
  }).observe(document.documentElement, {childList: true, subtree: true, attributes: true, attributeFilter: ["data-stream"]});
  setInterval(look, LOOK_MS);
})();
