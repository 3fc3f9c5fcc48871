// What `npm run bench -- goodput` asks of ns-3 3.37 (Debian's ns3 and libns3-dev): bulk flows from one host to another.
//
//   sender ── rate, delay, drop tail, random loss towards the receiver ── receiver
//
// SACK, no timestamps, delayed ACKs as ns-3 has them. Prints the octets that arrived in order of each flow, one number
// for each, with a line for each run of its random numbers.
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <cstdio>

using namespace ns3;

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
  ApplicationContainer sinks;
  for (uint32_t flow = 0; flow < flows; flow++) {
    InetSocketAddress to(there.GetAddress(1), 9 + flow);
    BulkSendHelper bulk("ns3::TcpSocketFactory", to);
    bulk.SetAttribute("MaxBytes", UintegerValue(0));
    bulk.Install(hosts.Get(0)).Start(MilliSeconds(flow));
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
  std::string congestion = "ns3::TcpCubic", rate = "10Mbps", delay = "25ms";
  CommandLine cmd(__FILE__);
  cmd.AddValue("runs", "runs, each with random numbers of its own", runs);
  cmd.AddValue("flows", "TCP flows", flows);
  cmd.AddValue("seconds", "simulated time", seconds);
  cmd.AddValue("congestion", "ns3::TcpCubic or ns3::TcpNewReno", congestion);
  cmd.AddValue("rate", "of the link", rate);
  cmd.AddValue("delay", "of the link, one way", delay);
  cmd.AddValue("queue", "packets that may wait", queuePackets);
  cmd.AddValue("loss", "chance that a frame is lost towards the receiver, 0..1", loss);
  cmd.Parse(argc, argv);
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TypeId::LookupByName(congestion)));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1460));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(true));
  Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(2000000));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(2000000));
  for (uint32_t run = 1; run <= runs; run++) Run(run, flows, seconds, rate, delay, queuePackets, loss);
  return 0;
}
