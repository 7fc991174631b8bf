/** The page that passes our messages on to the inspector on the web, which has no page of its own to install. */

const inspector = 'https://stately.ai';

export function bridgePage(nonce: string, port: number): { text: string; headers: Record<string, string> } {
  const sockets = `ws://127.0.0.1:${port} ws://localhost:${port}`;
  const policy = `default-src 'none'; frame-src ${inspector}; connect-src ${sockets}; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; frame-ancestors 'none'`;
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    text: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>x2go-guardian in the XState inspector</title>
<style nonce="${nonce}">html, body, iframe { margin: 0; border: 0; width: 100%; height: 100%; }</style>
<iframe title="XState inspector" src="${inspector}/inspect"></iframe>
<script nonce="${nonce}">
  const frame = document.querySelector('iframe');
  const waiting = [];
  let connected = false;
  const pass = (message) => frame.contentWindow.postMessage(message, '${inspector}');
  addEventListener('message', ({ origin, data }) => {
    if (origin !== '${inspector}' || data?.type !== '@statelyai.connected') return;
    connected = true;
    for (const message of waiting.splice(0)) pass(message);
  });
  const socket = new WebSocket('ws://' + location.host + '/' + location.search);
  socket.onmessage = ({ data }) => (connected ? pass(JSON.parse(data)) : waiting.push(JSON.parse(data)));
</script>
</html>
`,
  };
}
