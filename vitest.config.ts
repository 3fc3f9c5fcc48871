import { defineConfig } from 'vitest/config';

/** Most tests take milliseconds; the limit is for machines that have other things to do as well. */
export default defineConfig({ test: { testTimeout: 30_000, hookTimeout: 120_000 } });
