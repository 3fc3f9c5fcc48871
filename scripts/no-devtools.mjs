// Stands in for react-devtools-core, which Ink only loads for its own developers.
export default { initialize() {}, connectToDevTools() {} };
