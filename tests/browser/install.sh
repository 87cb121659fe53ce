#!/bin/sh
# Chromium for the browser tests, and fonts that hold Chinese.
set -eu
chromium=$(command -v chromium || command -v chromium-browser || true)
fonts=$(fc-list :lang=zh 2>/dev/null | head -n 1 || true)
[ -n "$chromium" ] && [ -n "$fonts" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig >/dev/null
else
    echo "The browser tests need Chromium and a Chinese font: apt-get install chromium fonts-noto-cjk" >&2
    exit 1
fi
