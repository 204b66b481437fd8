// Plays a video in the place of its picture. Without this script, the same links lead to a page with the player.
"use strict";

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-peertube-start]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const player = link.closest("[data-peertube-player]") || document.querySelector("[data-peertube-player]");
  if (!player || !player.dataset.peertubePlayer) return;
  event.preventDefault();
  play(player, Number(link.dataset.peertubeStart));
});

function play(player, start) {
  const address = new URL(player.dataset.peertubePlayer);
  if (start) address.searchParams.set("start", `${start}s`);
  const frame = document.createElement("iframe");
  frame.title = player.dataset.peertubeTitle;
  frame.allow = "autoplay; picture-in-picture";
  frame.allowFullscreen = true;
  frame.setAttribute("sandbox", "allow-same-origin allow-scripts allow-popups allow-forms");
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.src = address.href;
  player.replaceChildren(frame);
  const note = player.nextElementSibling;
  if (note && note.matches(".peertube-note")) note.remove();
  frame.focus();
  player.scrollIntoView({ block: "nearest" });
}

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

const PICTURES = ".peertube-picture img, .peertube-avatar img, .site-banner img";
document.addEventListener("load", (event) => {
  if (event.target.matches && event.target.matches(PICTURES)) askAgain(event.target);
}, true);
document.querySelectorAll(PICTURES).forEach(askAgain);
