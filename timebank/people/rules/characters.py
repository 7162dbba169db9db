"""The characters that most names are written with. Pure."""

# Of the characters with one sound, these are in most names, so they come first.
OFTEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾萧肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂玲红建国文华志梅春生玉珍凤云海波辉斌鹏飞宇浩晨欣"
    "佳雪婷慧莉琴萍燕荣福贵祥兴旺德仁义信礼智光庆新民东南西北山川水木小大子思雨雅琪诗涵梓轩一二三甲乙丙"
)  # fmt: skip
