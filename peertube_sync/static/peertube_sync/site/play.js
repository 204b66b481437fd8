/* Plays a video in the place of its picture. Without this script, the same links lead to a page with the player.
   A player and its page exchange JSON (docs/adr/0047): after "ping" and "pong" the player tells twice a second where it
   is. The page hears that as the event `peertube:time`, and has it play by `peertube:play`. */
"use strict";

(() => {
  const SCOPE = "peertube::";
  const greeted = new WeakSet();

  const originOf = (frame) => new URL(frame.src).origin;
  const tell = (frame, method, params) => frame.contentWindow.postMessage(
    JSON.stringify({ method: SCOPE + method, params }),
    originOf(frame),
  );

  const load = (player, start, paused) => {
    const address = new URL(player.dataset.peertubePlayer);
    if (start) address.searchParams.set("start", `${start}s`);
    if (paused) address.searchParams.delete("autoplay");
    const frame = document.createElement("iframe");
    frame.title = player.dataset.peertubeTitle;
    frame.allow = "autoplay; picture-in-picture";
    frame.allowFullscreen = true;
    frame.setAttribute("sandbox", "allow-same-origin allow-scripts allow-popups allow-forms");
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.src = address.href;
    player.replaceChildren(frame);
    const note = player.nextElementSibling;
    if (note?.matches(".peertube-note")) note.remove();
    if (!paused) frame.focus();
  };

  const play = (player, start, paused) => {
    const frame = player.querySelector("iframe");
    if (greeted.has(frame)) {
      tell(frame, "seek", start);
      tell(frame, "play");
    } else load(player, start, paused);
    if (!paused) player.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-peertube-start]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const player = link.closest("[data-peertube-player]") || document.querySelector("[data-peertube-player]");
    if (!player?.dataset.peertubePlayer) return;
    event.preventDefault();
    play(player, Number(link.dataset.peertubeStart));
  });

  document.addEventListener("peertube:play", ({ target, detail }) => play(target, detail.start, detail.paused));

  const frames = () => [...document.querySelectorAll("[data-peertube-player] iframe")];

  const hear = (frame, { method, params }) => {
    if (method === `${SCOPE}__ready`) {
      greeted.add(frame);
      if (params === "ping") tell(frame, "__ready", "pong");
    } else if (method === `${SCOPE}playbackStatusUpdate` && params && Number.isFinite(params.position)) {
      const detail = { position: params.position, ended: params.playbackState === "ended" };
      frame.parentElement.dispatchEvent(new CustomEvent("peertube:time", { bubbles: true, detail }));
    }
  };

  window.addEventListener("message", ({ data, origin, source }) => {
    const frame = frames().find((one) => one.contentWindow === source);
    if (!frame || origin !== originOf(frame) || typeof data !== "string" || !data.startsWith("{")) return;
    try {
      hear(frame, JSON.parse(data));
    } catch {} // what a player says that isn't JSON is for somebody else
  });

  // A player that came with the page may have greeted before this script was there.
  window.addEventListener("load", () => frames().forEach((frame) => greeted.has(frame) || tell(frame, "__ready", "ping")));

  // A picture that this site has yet to get is a small plain one. Ask for it again, less and less often.
  const WAITS = [1, 2, 3, 5, 8, 13, 21];
  const PLAIN = 32;

  function askAgain(picture) {
    const address = picture.currentSrc && new URL(picture.currentSrc);
    const asked = Number(picture.dataset.peertubeAsked || 0);
    const isPlain = picture.complete && picture.naturalWidth > 0 && picture.naturalWidth <= PLAIN;
    if (!isPlain || !address || address.origin !== location.origin || asked >= WAITS.length) return;
    picture.dataset.peertubeAsked = asked + 1;
    setTimeout(() => {
      address.searchParams.set("again", asked + 1); // or browsers would take the one that they have
      picture.removeAttribute("srcset");
      picture.src = address.href;
    }, WAITS[asked] * 1000);
  }

  const PICTURES = ".peertube-picture img, .peertube-avatar img";
  document.addEventListener("load", (event) => {
    if (event.target.matches?.(PICTURES)) askAgain(event.target);
  }, true);
  document.querySelectorAll(PICTURES).forEach(askAgain);
})();
