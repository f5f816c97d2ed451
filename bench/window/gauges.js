// What a script can see of a page's speed: frames, keys, long tasks, and when something
// that one waits for is painted. Times are in milliseconds since the navigation began.
(() => {
  let input = 0;
  let counted = null;
  const noted = (event) => {
    input = event.timeStamp;
    if (event.type !== 'keydown' || counted === null) return;
    const mine = counted;
    painted().then((now) => mine.keys.push(now - event.timeStamp));
  };
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, noted, { capture: true });

  const painted = () =>
    new Promise((done) => {
      // A message is delivered when the frame that was asked for is drawn.
      requestAnimationFrame(() => {
        const way = new MessageChannel();
        way.port1.onmessage = () => done(performance.now());
        way.port2.postMessage(null);
      });
    });

  const isThere = ({ selector, text }) =>
    [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(text));

  const waited = (wanted) =>
    new Promise((done) => {
      const look = () => {
        if (!isThere(wanted)) return;
        eyes.disconnect();
        painted().then(done);
      };
      const eyes = new MutationObserver(look);
      eyes.observe(document, { subtree: true, childList: true, characterData: true, attributeFilter: ['class'] });
      look();
    });

  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) counted?.tasks.push(duration);
  }).observe({ type: 'longtask' });

  const step = (now) => {
    if (counted === null) return;
    counted.frames.push(now);
    requestAnimationFrame(step);
  };

  let armed = Promise.resolve(0);
  globalThis.gauges = {
    first: waited({ selector: '.chat-list .chat-row', text: '' }),
    // Wait for something; `got` is how long after the last input it was painted.
    arm(wanted) {
      armed = waited(wanted);
    },
    async got() {
      return (await armed) - input;
    },
    // Go somewhere, and return how long it took.
    async go(hash, wanted) {
      const began = performance.now();
      location.hash = hash;
      return (await waited(wanted)) - began;
    },
    count() {
      counted = { frames: [], keys: [], tasks: [] };
      requestAnimationFrame(step);
    },
    counted() {
      const all = counted;
      counted = null;
      return all;
    },
  };
})();
