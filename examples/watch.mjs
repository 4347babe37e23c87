// watch.mjs: an example: webctp's market data in JavaScript, with nothing but the WebSocket that browsers and Node.js (22 and
// newer; 20 with --experimental-websocket) bring along. In a browser paste all but the first two statements.
//
//     node watch.mjs ws://127.0.0.1:8080/md/ rb2505 au2506
const [url, ...instruments] = process.argv.slice(2);
if (!instruments.length) throw new Error("usage: node watch.mjs ws://HOST:PORT/md/ INSTRUMENT...");

const socket = new WebSocket(url);
const send = (message) => socket.send(JSON.stringify(message));

// What is to be done for each MsgType that comes; the others are passed over.
const handlers = {
    RspUserLogin({ RspInfo, RspUserLogin }) {
        if (RspInfo.ErrorID) throw new Error(`${RspInfo.ErrorID}: ${RspInfo.ErrorMsg}`);
        console.log("logged in, trading day", RspUserLogin.TradingDay);
        send({ MsgType: "SubscribeMarketData", InstrumentID: instruments });
    },
    RspSubMarketData({ RspInfo, SpecificInstrument }) {
        if (RspInfo.ErrorID) console.error(SpecificInstrument.InstrumentID, RspInfo.ErrorMsg);
    },
    RtnDepthMarketData({ DepthMarketData: tick }) {
        console.log(tick.UpdateTime, tick.InstrumentID, tick.LastPrice,
                    tick.BidPrice1, tick.BidVolume1, tick.AskPrice1, tick.AskVolume1);
    },
};

socket.onopen = () => send({ MsgType: "ReqUserLogin", ReqUserLogin: { UserID: "", Password: "" } });
socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    handlers[message.MsgType]?.(message);
};
socket.onclose = ({ code, reason }) => console.log("closed", code, reason);
