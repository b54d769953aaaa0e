// The pay run: its key, and buttons that are barred stay quiet. All of it works without.
(() => {
  'use strict';
  const form = document.querySelector('#releasing');
  if (!form) return;
  const typing = target => target.matches('input:not([type=checkbox]),textarea,select');
  document.addEventListener('keydown', event => {
    if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target) || event.key !== 'a') return;
    const button = form.querySelector('button[data-key=a]');
    event.preventDefault();
    if (button.getAttribute('aria-disabled') !== 'true') form.requestSubmit(button);
  });
  document.addEventListener('click', event => {
    if (event.target.closest('[aria-disabled=true]')) event.preventDefault();
  });
})();
