import { mount } from 'svelte';
import App from './App.svelte';
import './page.css';

// The comparison that was put into this page, or null where there is none (the bare template).
function embedded_comparison() {
  const text = document.getElementById('palate-data').textContent;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const app = document.getElementById('app');
app.replaceChildren();
mount(App, { target: app, props: { comparison: embedded_comparison() } });
