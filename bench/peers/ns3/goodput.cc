// What `npm run bench -- goodput` asks of ns-3 3.37 (Debian's ns3 and libns3-dev): bulk flows from one host to another.
//
//   sender ── rate, delay, drop tail, random loss of what goes to the receiver ── receiver
//
// SACK, no timestamps, proportional rate reduction, every segment acknowledged. Prints the octets that arrived in order of
// each flow, one number for each, with a line for each run of its random numbers.
//
// ns-3's congestion controls do not do what their RFCs say, in ways that no attribute changes:
//
//   TcpNewReno, TcpCubic  halve what is left of the pipe when the loss is noticed, or cwnd as it is then; RFC 5681
//                         equation 4 and RFC 6675 section 5 (4.2) halve FlightSize, which counts what was SACKed, too.
//   TcpNewReno            grows by one part a segment for each ACK (RFC 5681 equation 3), however much is acknowledged, so
//                         a receiver that delays its ACKs halves it: DelAckCount is 1 here, where both ways are the same.
//   TcpCubic              has no Reno-friendly region (RFC 9438 section 4.3; upstream has it since 3.41), so it is half as
//                         fast as Reno over a short path; and in slow start it adds all that one ACK covers, beyond
//                         ssthresh: after a timeout cwnd goes from 1 to 137 segments at one ACK that fills a hole.
//
// So `newreno` and `cubic` are written here by the RFCs, for ns-3's sockets, SACK, recovery and timers to run;
// `ns3::TcpNewReno` and `ns3::TcpCubic` are what ns-3 ships.
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

using namespace ns3;

/** FlightSize of RFC 5681 section 2: whole segments, without those that limited transmit sent beyond cwnd. */
static uint32_t FlightSize(Ptr<const TcpSocketState> state) {
  uint32_t octets = std::min<uint32_t>(state->m_highTxMark.Get() - state->m_lastAckedSeq, state->m_cWnd.Get());
  return octets - octets % state->m_segmentSize;
}

class RfcNewReno : public TcpNewReno {
 public:
  static TypeId GetTypeId() {
    static TypeId type = TypeId("newreno").SetParent<TcpNewReno>().AddConstructor<RfcNewReno>();
    return type;
  }
  uint32_t GetSsThresh(Ptr<const TcpSocketState> state, uint32_t) override {
    return std::max(2 * state->m_segmentSize, FlightSize(state) / 2);
  }
  Ptr<TcpCongestionOps> Fork() override { return CopyObject<RfcNewReno>(this); }
};
NS_OBJECT_ENSURE_REGISTERED(RfcNewReno);

/** RFC 9438, windows in octets. */
class RfcCubic : public TcpCongestionOps {
 public:
  static TypeId GetTypeId() {
    static TypeId type = TypeId("cubic").SetParent<TcpCongestionOps>().AddConstructor<RfcCubic>();
    return type;
  }
  std::string GetName() const override { return "RfcCubic"; }
  Ptr<TcpCongestionOps> Fork() override { return CopyObject<RfcCubic>(this); }

  uint32_t GetSsThresh(Ptr<const TcpSocketState> state, uint32_t) override {
    double window = state->m_cWnd.Get();
    m_wMax = window < m_wMax ? window * (1 + BETA) / 2 : window;  // section 4.7
    m_prior = window;
    m_hasEpoch = false;
    return std::max<uint32_t>(2 * state->m_segmentSize, BETA * FlightSize(state));  // section 4.6
  }

  void CongestionStateSet(Ptr<TcpSocketState>, const TcpSocketState::TcpCongState_t to) override {
    m_hasRecovered = to == TcpSocketState::CA_OPEN && m_state == TcpSocketState::CA_RECOVERY;
    m_state = to;
    if (to != TcpSocketState::CA_LOSS) return;
    m_isAfterTimeout = true;
    m_hasEpoch = false;
  }

  void IncreaseWindow(Ptr<TcpSocketState> state, uint32_t segments) override {
    // The ACK that ends a recovery counts a window that was SACKed long before.
    if (segments == 0 || std::exchange(m_hasRecovered, false)) return;
    double segment = state->m_segmentSize, window = state->m_cWnd.Get(), acked = segments * segment;
    if (state->m_cWnd < state->m_ssThresh) {
      state->m_cWnd += state->m_segmentSize;  // RFC 5681 equation 2
      return;
    }
    if (!m_hasEpoch) Begin(window, segment);
    double alpha = m_estimate >= m_prior ? 1 : 3 * (1 - BETA) / (1 + BETA);
    m_estimate += alpha * segment * acked / window;  // section 4.3
    double t = (Simulator::Now() - m_epoch).GetSeconds(), rtt = state->m_lastRtt.Get().GetSeconds();
    if (Curve(t, segment) < m_estimate) {
      state->m_cWnd = std::max(window, m_estimate);
      return;
    }
    double target = std::min(std::max(Curve(t + rtt, segment), window), 1.5 * window);  // sections 4.4 and 4.5
    m_rest += (target - window) * acked / window;
    state->m_cWnd += static_cast<uint32_t>(m_rest);
    m_rest -= std::floor(m_rest);
  }

 private:
  static constexpr double BETA = 0.7, C = 0.4;
  double m_wMax = 0, m_prior = 0, m_k = 0, m_estimate = 0, m_rest = 0;
  bool m_hasEpoch = false, m_isAfterTimeout = false, m_hasRecovered = false;
  TcpSocketState::TcpCongState_t m_state = TcpSocketState::CA_OPEN;
  Time m_epoch;

  void Begin(double window, double segment) {
    m_epoch = Simulator::Now();
    m_hasEpoch = true;
    if (m_isAfterTimeout || window >= m_wMax) m_wMax = window;  // section 4.8
    m_k = std::cbrt((m_wMax - window) / segment / C);
    m_isAfterTimeout = false;
    m_estimate = window;
    m_rest = 0;
  }
  double Curve(double t, double segment) const { return m_wMax + C * segment * std::pow(t - m_k, 3); }
};
NS_OBJECT_ENSURE_REGISTERED(RfcCubic);

static void Run(uint32_t run, uint32_t flows, double seconds, const std::string &rate, const std::string &delay,
                uint32_t queuePackets, double loss) {
  RngSeedManager::SetRun(run);
  NodeContainer hosts;
  hosts.Create(2);
  InternetStackHelper internet;
  internet.InstallAll();
  PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", StringValue(rate));
  link.SetChannelAttribute("Delay", StringValue(delay));
  link.SetQueue("ns3::DropTailQueue", "MaxSize", QueueSizeValue(QueueSize(QueueSizeUnit::PACKETS, queuePackets)));
  NetDeviceContainer devices = link.Install(hosts);
  Ipv4AddressHelper addresses;
  addresses.SetBase("10.0.0.0", "255.255.255.0");
  Ipv4InterfaceContainer there = addresses.Assign(devices);
  TrafficControlHelper().Uninstall(devices);
  if (loss > 0) {
    auto model = CreateObject<RateErrorModel>();
    model->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
    model->SetRate(loss);
    devices.Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(model));
  }
  auto chance = CreateObject<UniformRandomVariable>();
  ApplicationContainer sinks;
  for (uint32_t flow = 0; flow < flows; flow++) {
    InetSocketAddress to(there.GetAddress(1), 9 + flow);
    BulkSendHelper bulk("ns3::TcpSocketFactory", to);
    bulk.SetAttribute("MaxBytes", UintegerValue(0));
    bulk.Install(hosts.Get(0)).Start(flow == 0 ? Seconds(0) : MilliSeconds(chance->GetInteger(0, 999)));
    sinks.Add(PacketSinkHelper("ns3::TcpSocketFactory", to).Install(hosts.Get(1)));
  }
  Simulator::Stop(Seconds(seconds));
  Simulator::Run();
  for (uint32_t flow = 0; flow < flows; flow++) {
    std::printf("%lu%c", DynamicCast<PacketSink>(sinks.Get(flow))->GetTotalRx(), flow + 1 < flows ? ' ' : '\n');
  }
  Simulator::Destroy();
}

int main(int argc, char **argv) {
  uint32_t runs = 4, flows = 1, queuePackets = 10000;
  double seconds = 100, loss = 0;
  std::string congestion = "cubic", rate = "10Mbps", delay = "25ms";
  CommandLine cmd(__FILE__);
  cmd.AddValue("runs", "runs, each with random numbers of its own", runs);
  cmd.AddValue("flows", "TCP flows; the second begins within the first second", flows);
  cmd.AddValue("seconds", "simulated time", seconds);
  cmd.AddValue("congestion", "newreno, cubic, ns3::TcpNewReno or ns3::TcpCubic", congestion);
  cmd.AddValue("rate", "of the link", rate);
  cmd.AddValue("delay", "of the link, one way", delay);
  cmd.AddValue("queue", "packets that may wait", queuePackets);
  cmd.AddValue("loss", "chance that a frame is lost towards the receiver, 0..1", loss);
  cmd.Parse(argc, argv);
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TypeId::LookupByName(congestion)));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1460));
  Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(1));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(true));
  Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(2000000));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(2000000));
  for (uint32_t run = 1; run <= runs; run++) Run(run, flows, seconds, rate, delay, queuePackets, loss);
  return 0;
}
