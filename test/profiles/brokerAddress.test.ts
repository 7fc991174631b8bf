import { expect, test } from 'vitest';
import { parseBrokerAddress } from '../../src/profiles/brokerAddress.js';

test.each([
  [
    'https://broker.example.org/plain/inifile/',
    { way: 'https', dialect: 'plain', host: 'broker.example.org', port: 443, path: '/plain/inifile/' },
  ],
  ['https://alice@broker:8443/json/inifile', { dialect: 'json', port: 8443, user: 'alice' }],
  ['http://[::1]:8080', { way: 'http', host: '::1', port: 8080, path: '/plain/' }],
  ['ssh://broker', { way: 'ssh', host: 'broker', port: 22, program: '/usr/bin/x2gobroker' }],
  ['ssh://al@broker:2222/opt/my%20broker', { user: 'al', port: 2222, program: '/opt/my broker' }],
])('%s is a broker', (text, address) => {
  expect(parseBrokerAddress(text)).toMatchObject({ ok: true, address });
});

test.each([
  ['nothing', ''],
  ['another scheme', 'ftp://broker/'],
  ['a scheme in disguise', 'javascript:alert(1)'],
  ['a password, which everybody could see', 'https://alice:canary@broker/plain/'],
  ['a query', 'https://broker/plain/?user=bob'],
  ['a host that is an option', 'ssh://-oProxyCommand=id/'],
  ['a line end', 'https://broker/plain/\n'],
  ['a line end in disguise', 'ssh://broker/usr/bin/x%0Aid'],
  ['a NUL in disguise', 'ssh://broker/usr/bin/x%00'],
  ['half a percent sign', 'ssh://broker/%E0%A4%A'],
  ['port 0', 'https://broker:0/'],
  ['something endless', `https://broker/${'a'.repeat(5_000)}`],
])('%s is none', (_, text) => {
  const parsed = parseBrokerAddress(text);
  expect(parsed.ok).toBe(false);
  expect(JSON.stringify(parsed)).not.toContain('canary');
});
