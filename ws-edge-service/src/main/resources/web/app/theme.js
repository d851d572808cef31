// Runs before the first paint, so that a page never shows in the wrong theme first.
(function () {
  var wish = 'auto';
  try {
    wish = localStorage.getItem('vedette.theme') || 'auto';
  } catch (refused) {
    // Without storage the system's theme is used.
  }
  var dark = wish === 'dark' || (wish !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
