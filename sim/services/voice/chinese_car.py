"""What can be said of a car in Chinese, and what no voice may ask of it."""

from sim.services.voice.tongue import Said, said

CAR: dict[str, tuple[Said, ...]] = {
    "lock_car": (
        said(
            "锁[上|好|住|了|紧]<of_car>[门|车门]",
            "(锁车|锁下车|锁下车门|锁车门|锁上车门|锁好车门|锁门上车|落锁|上锁|锁好车|锁上车)",
            "<of_car>[门|车门](锁|锁上|锁好|锁住|锁了|锁起来|上锁|落锁|锁紧)",
            "车门[都](锁|锁上|锁好|锁住|锁了|锁起来|上锁)",
            "(确认|确保)<of_car>(锁好|锁上|锁了)",
        ),
    ),
    "close_windows": (
        said(
            "(关|关上|关闭|关好|升起|升上|关掉|摇上)[{every}][<of_car>](车窗|窗|窗户|窗子|车窗户)",
            "[<of_car>][{every}](车窗|窗|窗户|窗子)[{every}](关|关上|关闭|关好|升起来|升起|升上去|升上来|关掉|摇上|摇上去|关了)",
        ),
    ),
    "precondition": (
        said(
            "[提前](预热|预冷|预先加热|预调节|预先制冷|提前加热|提前制冷|提前预热|备车)<of_car>[<deg_to>]",
            "<of_car>[提前](预热|预冷|预先加热|预先制冷|提前加热|提前制冷|提前预热|备好)[上][<deg_to>]",
            "(开始|启动|打开|开启)[<of_car>](预热|预冷|预调节)[<deg_to>]",
            "[提前]<of_car>(预热|预冷)",
            "提前[打开|开][<of_car>](空调|暖气|暖风)[<deg_to>]",
            "提前<of_car>(加热|制冷|降温|升温|暖)[<deg_to>]",
            "<of_car>提前(打开|开)[空调|暖气|暖风][<deg_to>]",
            mode="pre",
        ),
        said(
            "(加热|暖|热|制冷|降温|升温)<of_car>[<deg_to>]",
            "<of_car>(加热|升温|暖和|暖|制热|制冷|降温|凉快|热|热车)[起来|下来|上][<deg_to>]",
            "(热车|暖车)[<deg_to>]",
        ),
    ),
    "stop_preconditioning": (
        said(
            "(停止|取消|关闭|关掉|停|停掉|结束)[<of_car>](预热|预冷|预调节|加热|提前加热)[了]",
            "<of_car>(停止|取消|不要|别|不用)(预热|预冷|加热|制冷|预调节)[了]",
            "(停止|取消|别|不要|不用)(预热|预冷|加热|给)[<of_car>](加热|预热)[了]",
            "[<of_car>](预热|预冷)(停|关掉|停止|取消|关|停掉)[了]",
            "(别|不要|不用|停止|取消)[再](预热|预冷)[<of_car>][了]",
        ),
    ),
    "start_charging": (
        said(
            "[<of_car>](开始|继续|恢复)充电",
            "[<of_car>]充[上|点|个]电",
            "(开始|继续|恢复|启动)[<of_car>]充电",
            "[<of_car>]充上电",
        ),
    ),
    "stop_charging": (
        said(
            "[<of_car>](停止|暂停|结束|取消|中止|停|停掉|断开)充电",
            "(停止|暂停|结束|取消|停)[给]<of_car>充电",
            "[<of_car>](别|不要|不用)[再]充[电]了",
            "[<of_car>]不充[电]了",
            "[<of_car>]充电(停|停止|停掉|暂停|关掉)[了]",
        ),
    ),
    "set_charge_limit": (
        said(
            (
                "[<of_car>](充电|充|充电充|电量|充电电量)[上限|限制|限额|目标|限值|最大值][<set>|到|限制在|限制到|限在|不超过|最多]({percent}[%]|"
                "{amount:percent})[为止|就停|停止|就行|就好|就够|停]"
            ),
            "<set>[<of_car>]充电(上限|限制|目标|限额)[到|为|成|至]({percent}[%]|{amount:percent})",
            "[<of_car>]充[电]到({percent}[%]|{amount:percent})[为止|就停|停止|就行|就好|停]",
            "(限制|只|最多)[<of_car>]充[电][量][到|在|不超过]({percent}[%]|{amount:percent})",
            "<of_car>[最多|只]充[电]到({percent}[%]|{amount:percent})",
            "[<of_car>]充满[电]",
        ),
    ),
    "navigate": (
        said(
            "(导航|带我|送我|载我|带我们|领我|导航带我)[到|回|去](家|我家)",
            "[我们](回家|导航回家|开始导航回家|带我回家|回家导航)[去]",
            "怎么回家",
            "去家[那]",
            place="home",
        ),
        said("规划[一条]去{place}路线", "(去|到){place}怎么走", "怎么(去|到){place}", "(去|到){place}路线"),
        said(
            "(导航到|导航去|导航至|带我去|带我到|带我们去|送我去|送我到|我们去|去|路线到|规划路线到|规划到|规划去|找路去|开始导航到|开始导航去|导航){place}",
            "(目的地|终点)(设为|设置为|设成|设置成|设到|是|改为|改成|定为|换成){place}",
            "(设置|设)(目的地|导航)[为|到|成]{place}",
        ),
    ),
    "seat": (
        said(
            "<start><a_seat><seat_heat>[<set>|到][({level}档|{strength:level}档)]",
            "<a_seat><seat_heat>[<start>]",
            "<a_seat>(加热|暖)<start>",
            "(加热|暖)<a_seat>",
            "<a_seat>热[起来]",
            "<a_seat><so>(冷|凉)[了]",
            power="on",
        ),
        said(
            "<stop><a_seat><seat_heat>",
            "<a_seat><seat_heat>(<stop>|不要了|停)",
            "(停止|别|不要)(加热<a_seat>|<a_seat>加热)[了]",
            "<a_seat><so>(热|烫)[了]",
            power="off",
        ),
        said(
            "<a_seat><seat_heat>[<set>|到|开到]({level}档|{strength:level}[档])",
            "<set><a_seat><seat_heat>[到|为|成|至]({level}[档]|{strength:level}[档])",
            "<a_seat><seat_heat>(档位|等级|温度)<set>({level}[档]|{strength:level}[档])",
            "<start><a_seat>{level}档<seat_heat>",
            "<a_seat>{level}档加热",
        ),
    ),
}

OPENING = (
    said(
        "(解锁|开锁)[<of_car>][车门|门]",
        "<of_car>[车门|门](解锁|开锁|打开)[了]",
        "打开<of_car>[车门|门]",
        "(打开|开|解开|解锁)[{every}](车门|车锁)",
        "[{every}]车门[{every}](打开|开|解锁)[了]",
        action="unlock",
    ),
    said(
        "(打开|开|开启|弹开)[<of_car>](后备箱|后备厢|后箱|尾箱|行李箱|尾门|后尾箱)[门]",
        "[<of_car>](后备箱|后备厢|后箱|尾箱|行李箱|尾门|后尾箱)[门](打开|开|弹开)[了]",
        action="open_boot",
    ),
    said(
        "(打开|开|降下|放下|摇下|落下|降)[{every}][<of_car>](车窗|窗户|窗|窗子)",
        "[<of_car>][{every}](车窗|窗户|窗|窗子)[{every}](打开|开|降下来|放下来|摇下来|降下|放下|摇下)[了]",
        action="open_windows",
    ),
    said(
        "(启动|发动|点火)[<of_car>][引擎|发动机]",
        "<of_car>(启动|发动|点火)",
        "(启动|发动)(引擎|发动机)",
        action="start",
    ),
)

DRIVING = (
    said(
        "(召唤|叫)<of_car>[过来|来]",
        "<of_car>(开过来|开出来|开到这儿|开回来|开到我这儿|开到门口|开到我面前|过来|自己过来|移过来|挪过来|移开|挪开|挪|移动|挪一挪)",
        "(移动|挪|挪动|移|开)<of_car>[过来|出来|回来]",
        "(来接我|过来接我|开过来接我)",
        "<of_car>来接我",
        action="summon",
    ),
    said(
        "(停车|泊车|自动泊车|停好车|帮停车)",
        "<of_car>(停好|停进车位|泊好|停进车库|停到车库|停进去|停到车位)",
        action="park_remotely",
    ),
    said("(加速|踩油门|开快一点|加速行驶|提速)", action="accelerate"),
    said("(刹车|踩刹车|减速|停下车|急刹车|开慢一点)", action="brake"),
    said("(转向|左转|右转|向左转|向右转|往左拐|往右拐|打方向盘|转方向盘)", action="steer"),
    said(
        "(松开|放开|放下|松|释放)(手刹|驻车制动)",
        "(手刹)(松开|放下|放开|松)[了]",
        action="release_parking_brake",
    ),
    said(
        "(挂|换|切)[到|入|上]?[d|r|n|p|前进|倒|空|倒车]挡".replace("?", ""),
        "(挂|换|切)[到|入|上][d|r|n|p|前进|倒|空|倒车]档",
        "(倒车)",
        action="shift",
    ),
)
