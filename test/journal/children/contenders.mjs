// Many threads that all want the same holds at the same moments, of the built package. Prints who got which.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openJournal } from '../../../dist/src/journal/openJournal.js';

if (isMainThread) {
  const [folder, threads, rounds] = process.argv.slice(2);
  const workers = Array.from({ length: Number(threads) }, () => {
    return new Worker(new URL(import.meta.url), { workerData: { folder, rounds: Number(rounds) } });
  });
  const told = (worker) => new Promise((resolve) => worker.once('message', resolve));
  await Promise.all(workers.map(told));
  process.stdout.write('"ready"\n');
  process.stdin.once('data', async (start) => {
    for (const worker of workers) worker.postMessage(Number(start));
    const won = await Promise.all(workers.map(told));
    // Nobody lets go before everybody has tried.
    process.stdout.write(`${JSON.stringify(won.flat())}\n`);
  });
} else {
  const journal = openJournal({ folder: workerData.folder });
  parentPort.once('message', (start) => {
    const won = [];
    const nap = new Int32Array(new SharedArrayBuffer(4));
    for (let round = 0; round < workerData.rounds; round++) {
      Atomics.wait(nap, 0, 0, Math.max(0, start + round * 20 - Date.now()));
      if (journal.hold(`session-${round}`)) won.push(round);
    }
    parentPort.postMessage(won);
  });
  parentPort.postMessage('ready');
}
